"""A publisher that lies as it is told, and a follower in a process of its own that it must not harm."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment, SegmentWriter
from manifests.tables import CAPTURE
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.peers.add import add_peer
from node.peers.sync import follow_all
from node.serve.heads import node_document
from node.serve.pack import Frame, PackState, decode_request
from provenance.keys import SigningKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import Crawl

if TYPE_CHECKING:
    from tests.journeys.conftest import ForkServer, Said

ORIGIN = "publisher.test/log"
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
Raw = Callable[[BaseHTTPRequestHandler], None]
Lie = Callable[[str, bytes | None], "bytes | Raw | None"]
_SAID = {"crawl": "urn:uuid:11111111-1111-4111-8111-111111111111", "role": "file", "outcome": "fetched"}


def honest(path: str, answer: bytes | None) -> bytes | Raw | None:
    """Say what is so."""
    return answer


class HostileNode:
    """A web server that answers for a node's files, with one lie.

    Attributes:
        root: The node whose files it shows; may be changed at any time.
        lie: Gets path and honest answer (None: nothing there), gives what is answered, or answers by itself.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lie: Lie = honest
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, body: bytes) -> bytes | None:
        """The honest answer."""
        node = open_node(Layout(self.root))
        if path == "/.well-known/vasculum":
            return json.dumps(node_document(node)).encode()
        if path.startswith(("/log/", "/mirror/")):
            name = path.split("/", 3 if path.startswith("/mirror/") else 2)[-1]
            return _read(self.root / "log" / name)
        if path.startswith("/blob/sha256/"):
            return _read(node.store.path(Digest.parse(path.rpartition("/")[2])))
        if path == "/pack":
            return b"".join(_frame(digest, _read(node.store.path(digest))) for digest in decode_request(body))
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                outer.asked.append(self.path)
                answer = outer.lie(self.path, outer.answer(self.path, body))
                if callable(answer):
                    self.close_connection = True
                    answer(self)
                    return
                self.send_response(404 if answer is None else 200)
                self.send_header("Content-Length", str(len(answer or b"")))
                self.end_headers()
                self.wfile.write(answer or b"")

            do_POST = do_GET  # noqa: N815 -- the library asks for this name

            def log_message(self, format: str, *arguments: object) -> None:
                """Say nothing."""

        return Handler


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _frame(digest: Digest, data: bytes | None) -> bytes:
    if data is None:
        return Frame(digest, PackState.NOT_HERE, 0).encode()
    return Frame(digest, PackState.HERE, len(data)).encode() + data


@dataclass
class Publisher:
    """A node as it stood after its first and after its second statement with rows."""

    first: Path
    second: Path

    def copy(self, folder: Path, *, of: Path | None = None) -> Node:
        """A copy that may sign what it likes: whoever holds the keys of a log can."""
        shutil.copytree(of or self.first, folder)
        return open_node(Layout(folder))

    @property
    def later(self) -> list[bytes]:
        """The leaves that the second state has more than the first."""
        start = open_node(Layout(self.first)).reader.head().size
        return list(open_node(Layout(self.second)).reader.leaves(start))

    def forged(self, folder: Path, make: Callable[[Node], Sequence[bytes]]) -> Node:
        """A log that goes on from the first state with other leaves, and after them with the honest ones."""
        node = self.copy(folder, of=self.second)
        shutil.rmtree(node.layout.log)
        shutil.copytree(self.first / "log", node.layout.log)
        shutil.copyfile(self.first / "log.lock", node.layout.log_lock)
        node.log.append([*make(node), *self.later])
        return node


def crawl(node: Node, *segments: Segment, signer: SigningKey | None = None) -> Statement:
    """A crawl that lists segments, signed by the node's key or another; its bytes are in the node's store."""
    key = signer or node.identity
    made = Crawl(
        new_statement_id(), key.public, ("vasculum", "0"), "https://museum.example/", "list", NOW, NOW,
        segments=segments,
    )  # fmt: skip
    statement = issue(made.document(), key, NOW)
    add_bytes(node.store, statement.raw)
    return statement


def leaves_of(statement: Statement, *segments: Segment) -> list[bytes]:
    """The leaves of a statement and its segments."""
    found = [StatementLeaf(statement.digest).encode()]
    for s in segments:
        leaf = SegmentLeaf(statement.digest, s.digest, s.table, s.schema, s.rows, s.rows_root, s.access)
        found.append(leaf.encode())
    return found


def captures(node: Node, *rows: dict[str, Any]) -> Segment:
    """A segment of the capture table in the node's store."""
    given = [{**_SAID, **row} for row in rows]
    columns = [pa.array([row.get(f.name) for row in given], f.type) for f in CAPTURE.arrow]
    with SegmentWriter(node.store, CAPTURE, AccessClass.PUBLIC) as writer:
        writer.write(pa.RecordBatch.from_arrays(columns, schema=CAPTURE.arrow))
        (segment,) = writer.close()
    return segment


@dataclass
class Story:
    """One follower, the publisher that it knows, and what it held before anything was tried."""

    publisher: Publisher
    server: HostileNode
    root: Path
    forked: ForkServer
    before: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def follower(self) -> Node:
        """The follower, opened anew."""
        return open_node(Layout(self.root))

    def sync(self) -> Said:
        """Sync in a process of its own."""
        return self.forked.run("--node", self.root, "--json", "sync")

    def rows(self, node: Node | None = None) -> dict[str, list[Any]]:
        """Every statement and row of the publisher's log, without the places where they stand."""
        held = node or self.follower
        log = 1 if node is None else 0
        with held.index() as index:
            return {
                "statement": index.rows("SELECT digest, iri FROM statement WHERE log = ? ORDER BY 1", [log]),
                "capture": index.rows(
                    "SELECT * EXCLUDE (log, log_index) FROM capture WHERE log = ? ORDER BY ALL", [log]
                ),
            }

    def refused(self, root: Path) -> dict[str, str]:
        """Meet a log with evil leaves before honest ones; returns which leaves were refused."""
        self.server.root = root
        said = self.sync()
        (log,) = said.of_type("log")
        assert (said.status, log["trouble"], log["frozen"]) == (3, [], None), said.out
        self.complete_beside()
        self.sound()
        return dict(log["refused"])

    def troubled(self) -> str:
        """Meet a lie of which nothing can be taken; returns what is said of it."""
        said = self.sync()
        (log,) = said.of_type("log")
        assert said.status == 3, (said.out, said.err)
        assert log["trouble"]
        assert log["frozen"] is None
        self.unharmed()
        return " ".join(log["trouble"])

    def unharmed(self) -> None:
        """Nothing was lost, nothing wrong was taken, nothing is left lying about."""
        assert self.rows() == self.before
        self.sound()

    def sound(self) -> None:
        """The whole follower verifies."""
        said = self.forked.run("--node", self.root, "--json", "verify", "--deep")
        assert said.status == 0, said.out
        assert list((self.root / "blobs" / "tmp").glob("session-*/[0-9]*")) == []

    def heals(self) -> None:
        """With an honest publisher, the next sync brings everything."""
        self.server.lie, self.server.root = honest, self.publisher.second
        said = self.sync()
        assert said.status == 0, (said.out, said.err)
        self.complete()

    def complete(self) -> None:
        """The follower holds what the publisher has published up to its second state."""
        assert self.rows() == self.rows(open_node(Layout(self.publisher.second)))

    def complete_beside(self) -> None:
        """The same rows, though there may be statements beside of which none counts."""
        held, said = self.rows(), self.rows(open_node(Layout(self.publisher.second)))
        assert held["capture"] == said["capture"]
        assert [row for row in held["statement"] if row in said["statement"]] == said["statement"]


@pytest.fixture(scope="session")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    folder = tmp_path_factory.mktemp("publisher")
    create_node(Layout(folder / "node"), "Publisher", ORIGIN)
    for number in (1, 2):
        files = folder / f"files{number}"
        files.mkdir()
        for name in range(3):
            (files / f"{name}.txt").write_text(f"{number} {name}")
        assert run(["--node", str(folder / "node"), "--quiet", "add", str(files)]) == 0
        shutil.copytree(folder / "node", folder / f"state{number}")
    return Publisher(folder / "state1", folder / "state2")


@pytest.fixture(scope="session")
def followers(publisher: Publisher, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Followers that have synced with the first and with the second state; to be copied."""
    folder = tmp_path_factory.mktemp("followers")
    server = HostileNode(publisher.first)
    node = create_node(Layout(folder / "node"), "Follower", "follower.test/log")
    add_peer(node, server.url, log=None, key=None)
    for number, root in ((1, publisher.first), (2, publisher.second)):
        server.root = root
        assert all(result.complete for result in follow_all(node))
        shutil.copytree(folder / "node", folder / str(number))
    server.close()
    return {number: folder / str(number) for number in (1, 2)}


Tell = Callable[..., Story]


@pytest.fixture
def tell(
    publisher: Publisher, followers: dict[int, Path], forked: ForkServer, tmp_path: Path
) -> Iterator[Tell]:
    """Begin a story: the follower knows the publisher's first state, or the second."""
    servers: list[HostileNode] = []

    def begin(state: int = 1, root: Path | None = None) -> Story:
        server = HostileNode(publisher.first if state == 1 else publisher.second)
        servers.append(server)
        home = root or tmp_path / "follower"
        shutil.copytree(followers[state], home)
        with sqlite3.connect(home / "peers.sqlite") as db:
            db.execute("UPDATE peer SET url = ?", [server.url])
        db.close()
        story = Story(publisher, server, home, forked)
        story.before = story.rows()
        return story

    yield begin
    for server in servers:
        server.close()


@pytest.fixture
def hostile() -> Iterator[Callable[[Path], HostileNode]]:
    """Further servers."""
    begun: list[HostileNode] = []

    def begin(root: Path) -> HostileNode:
        begun.append(HostileNode(root))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


class Tools:
    """What makes lies."""

    crawl = staticmethod(crawl)
    leaves_of = staticmethod(leaves_of)
    captures = staticmethod(captures)


@pytest.fixture(scope="session")
def tools() -> type[Tools]:
    return Tools
