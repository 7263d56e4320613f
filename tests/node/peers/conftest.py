"""Peers that do what they like: a server that answers each connection with a function of the test.

And one that shows a node's files as they lie there, which is quicker than a served node.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hashstore.digest import Digest
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.peers.add import add_peer
from node.serve.heads import node_document

Answering = Callable[[socket.socket], None]


class Rogue:
    """A listening socket; every connection is handed to `behave`, in a thread of its own."""

    def __init__(self, behave: Answering) -> None:
        self.connections = 0
        self._behave = behave
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Hang up on everybody."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for line in self._open:
            line.close()

    def _run(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(line)
            threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: socket.socket) -> None:
        with suppress(OSError), line:
            self._behave(line)


Rogues = Callable[[Answering], Rogue]


@pytest.fixture
def rogue() -> Iterator[Rogues]:
    """Begin a server that behaves as it is told."""
    begun: list[Rogue] = []

    def begin(behave: Answering) -> Rogue:
        begun.append(Rogue(behave))
        return begun[-1]

    yield begin
    for one in begun:
        one.close()


def shown(node: Node, status: Callable[[str], int] = lambda path: 200) -> Answering:
    """Show a node's log and blobs; another status is answered where `status` gives one."""

    def behave(line: socket.socket) -> None:
        asked = line.makefile("rb")
        while head := asked.readline():
            path, length = head.split()[1].decode(), 0
            while (field := asked.readline().strip().lower()) != b"":
                length = int(field.split(b":")[1]) if field.startswith(b"content-length") else length
            asked.read(length)
            code, body = status(path), _file(node, path)
            code = code if body is not None or code != 200 else 405 if path == "/pack" else 404
            body = body or b"" if code == 200 else b""
            line.sendall(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n" % (code, len(body)) + body)

    return behave


def _file(node: Node, path: str) -> bytes | None:
    if path == "/.well-known/vasculum":
        return json.dumps(node_document(node)).encode()
    if path.startswith("/log/"):
        file = node.layout.root / path[1:]
    elif path.startswith("/blob/sha256/"):
        file = node.store.path(Digest.parse(path.rpartition("/")[2]))
    else:
        return None
    return file.read_bytes() if file.is_file() else None


Follow = Callable[[str, Rogue], Node]


@pytest.fixture
def following(tmp_path: Path) -> Follow:
    """Make a node that follows the log of a peer."""

    def make(name: str, peer: Rogue) -> Node:
        node = create_node(Layout(tmp_path / name), name, f"{name}.test/log")
        add_peer(node, peer.url, log=None, key=None)
        return node

    return make


@pytest.fixture
def museum(tmp_path: Path) -> Node:
    """A node with some bytes and one statement about them."""
    node = create_node(Layout(tmp_path / "museum"), "Museum", "museum.test/log")
    publish(node, "first")
    return node


def publish(node: Node, name: str) -> None:
    """Let a node tell of a file, with one row."""
    from node.cli.main import run

    folder = node.layout.root.parent / f"files-{name}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(name)
    assert run(["--node", str(node.layout.root), "--quiet", "add", str(folder)]) == 0


class Peers:
    """What makes peers and what they publish."""

    shown = staticmethod(shown)
    publish = staticmethod(publish)


@pytest.fixture(scope="session")
def peers() -> type[Peers]:
    return Peers
