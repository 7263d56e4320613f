"""What whoever publishes, mirrors or sits in between may try; each leaves the follower whole."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.segment import Segment
from manifests.segment.parquet import labels
from manifests.tables import CAPTURE
from node.compose import Node
from node.create import create_node
from node.layout import Layout
from node.peers import client, sync
from node.peers.model import Peer
from node.serve.lookup import ServedBlobs
from node.serve.watch import refresh_served
from provenance.contexts import CONTEXT
from provenance.errors import ProvenanceError
from provenance.keys import SigningKey
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import HostileNode, Publisher, Story, Tell, Tools

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
_OTHER = StatementLeaf(Digest.of(b"another history")).encode()


def _refused(story: Story, root: Path) -> dict[str, str]:
    """Let the follower meet a log with evil leaves before honest ones; returns which leaves it refused."""
    story.server.root = root
    said = story.sync()
    (log,) = said.of_type("log")
    assert (said.status, log["trouble"], log["frozen"]) == (3, [], None), said.out
    story.complete_beside()
    story.sound()
    return dict(log["refused"])


def _troubled(story: Story) -> str:
    """Let the follower meet a lie of which nothing can be taken; returns what it says of it."""
    said = story.sync()
    (log,) = said.of_type("log")
    assert said.status == 3, (said.out, said.err)
    assert log["trouble"]
    assert log["frozen"] is None
    story.unharmed()
    return " ".join(log["trouble"])


# The log


@pytest.mark.parametrize("leaves", [2, 7], ids=["of-one-size", "of-more-leaves"])
def test_two_histories_freeze_the_log(tell: Tell, publisher: Publisher, tmp_path: Path, leaves: int) -> None:
    story = tell(2)
    fork = publisher.copy(tmp_path / "fork")
    fork.log.append([_OTHER] * leaves)
    story.server.root = fork.layout.root
    said = story.sync()
    (log,) = said.of_type("log")
    assert (said.status, log["new"]) == (4, 0)
    assert "two histories" in log["frozen"]
    assert len(story.follower.peers.evidence("publisher.test/log")) == 2
    assert story.rows() == story.before
    story.server.root = publisher.second
    assert story.sync().status == 4  # until the log is succeeded
    assert story.rows() == story.before


def test_a_log_that_went_back_is_not_believed(tell: Tell, publisher: Publisher) -> None:
    story = tell(2)
    story.server.root = publisher.first
    assert "went back" in _troubled(story)
    story.heals()


def test_who_never_shows_a_new_head_is_passed_by(
    tell: Tell, publisher: Publisher, hostile: Callable[[Path], HostileNode]
) -> None:
    story = tell(1)
    mirror = hostile(publisher.second)
    log = story.follower.peers.logs()[0]
    story.follower.peers.add(Peer(mirror.url, "Mirror", "mirror.test/log", "2026-01-01T00:00:00+00:00"), log)
    story.sync()
    story.complete()
    story.sound()


def test_tiles_of_another_history_do_not_fit(tell: Tell, publisher: Publisher, tmp_path: Path) -> None:
    story = tell(1)
    other = publisher.copy(tmp_path / "other")
    other.log.append([_OTHER] * len(publisher.later))

    def mixed(path: str, answer: bytes | None) -> bytes | None:
        tile = path.startswith("/log/tile/")
        return (other.layout.root / path[1:]).read_bytes() if tile else answer

    story.server.root, story.server.lie = publisher.second, mixed
    assert "do not fit" in _troubled(story)
    story.heals()


def test_a_third_peers_bent_tiles_freeze_nobodys_log(
    tell: Tell, publisher: Publisher, hostile: Callable[[Path], HostileNode]
) -> None:
    story = tell(1)

    def bent(path: str, answer: bytes | None) -> bytes | None:
        return answer[:-1] + bytes([answer[-1] ^ 1]) if answer and "/tile/" in path else answer

    story.server.root, story.server.lie = publisher.second, bent
    _troubled(story)
    story.heals()


def test_a_checkpoint_of_another_log_is_none_of_this(tell: Tell, tmp_path: Path) -> None:
    story = tell(1)
    story.server.root = create_node(Layout(tmp_path / "q"), "Q", "q.test/log").layout.root
    assert "no checkpoint" in _troubled(story)
    story.heals()


# The wire


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(65536))


def _wrong_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(bytes(1000))


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        pytest.param(_endless, "/log/checkpoint", id="endless-checkpoint"),
        pytest.param(_endless, "/log/tile/entries/", id="endless-leaves"),
        pytest.param(_endless, "/pack", id="endless-blobs"),
        pytest.param(_wrong_length, "/log/tile/entries/", id="short-leaves"),
        pytest.param(_wrong_length, "/pack", id="short-blobs"),
    ],
)
def test_answers_without_end_or_of_wrong_length_end(
    tell: Tell, publisher: Publisher, place: str, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    story = tell(1)
    story.server.root = publisher.second
    story.server.lie = lambda path, honest: answer if path.startswith(place) else honest
    begun = time.monotonic()
    _troubled(story)
    assert time.monotonic() - begun < 60
    story.heals()


def test_a_slow_loris_is_hung_up_on(
    tell: Tell, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(1)
    monkeypatch.setattr(client, "_PATIENCE", 0.6)
    monkeypatch.setattr(client, "_GRACE", 1.0)
    story.server.root = publisher.second
    story.server.lie = lambda path, honest: _drip if path == "/pack" else honest
    begun = time.monotonic()
    (result,) = sync.follow_all(story.follower)
    assert result.trouble
    assert time.monotonic() - begun < 30
    story.unharmed()
    story.heals()


def test_wrong_bytes_under_a_right_name_are_thrown_away(tell: Tell, publisher: Publisher) -> None:
    story = tell(1)

    def changed(path: str, answer: bytes | None) -> bytes | None:
        return answer[:-1] + b"?" if answer and path.startswith(("/blob/", "/pack")) else answer

    story.server.root, story.server.lie = publisher.second, changed
    assert "Nobody who could be asked" in _troubled(story)
    story.heals()


# What the log names


def _rows_file(node: Node, data: bytes, honest: Segment) -> Segment:
    return replace(honest, digest=add_bytes(node.store, data))


def test_a_segment_cut_off_is_refused(tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path) -> None:
    def make(node: Node) -> list[bytes]:
        whole = tools.captures(node, {"url": "https://museum.example/1.jpg"})
        cut = _rows_file(node, node.store.read(whole.digest)[:-9], whole)
        return tools.leaves_of(tools.crawl(node, cut), cut)

    assert list(_refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)) == ["4"]


def test_other_rows_than_the_statement_fixes_are_refused(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        true = tools.captures(node, {"url": "https://museum.example/1.jpg"})
        lies = replace(true, rows=2), replace(true, rows_root=Digest.of(b"")), replace(true, table="specimen")
        return [leaf for lie in lies for leaf in tools.leaves_of(tools.crawl(node, lie), lie)]

    assert list(_refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)) == ["4", "6", "8"]


def test_a_second_entry_does_not_vouch_for_a_false_first(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        true = tools.captures(node, {"url": "https://museum.example/1.jpg"})
        lie = replace(true, rows=7)
        return [
            *tools.leaves_of(tools.crawl(node, lie), lie),
            *tools.leaves_of(tools.crawl(node, true), true),
        ]

    story = tell(1)
    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    (log,) = story.sync().of_type("log")
    assert list(log["refused"]) == ["4"]
    story.sound()


def test_a_parquet_bomb_goes_off_in_its_box(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        rows = 100_000
        large = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array(["x" * (64 << 20)]))
        columns = [large if f.name == "url" else pa.nulls(rows, f.type) for f in CAPTURE.arrow]
        table = pa.Table.from_arrays(columns, names=list(CAPTURE.names)).replace_schema_metadata(
            labels(CAPTURE)
        )
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, table.schema, compression="zstd", store_schema=False) as writer:
            writer.write_table(table)
        data = sink.getvalue().to_pybytes()
        assert len(data) < 1 << 20
        bomb = Segment(
            add_bytes(node.store, data), "capture", CAPTURE.digest, rows, Digest.of(b""), AccessClass.PUBLIC
        )
        return tools.leaves_of(tools.crawl(node, bomb), bomb)

    assert list(_refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)) == ["4"]


def test_a_row_that_names_no_predecessor_breaks_no_index(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    story = tell(1)

    def make(node: Node) -> list[bytes]:
        given = ["x", "hash://sha256/" + "z" * 64 + "#row=1", "#row=99999999999999999999", "hash://sha256/"]
        rows = tools.captures(
            node, *({"url": f"https://a.example/{n}", "title": t} for n, t in enumerate(given))
        )
        return tools.leaves_of(tools.crawl(node, rows), rows)

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    assert story.sync().status == 0
    story.sound()


def test_oversized_leaves_keep_their_place_and_nothing_else(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        return [b'{"of":"%s","type":"large"}' % (b"x" * size) for size in (1_000, 1_001, 65_000)] + [
            b"",
            b"\xff",
        ]

    refused = _refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)
    assert list(refused) == ["4", "5", "6", "7"]


def test_a_statement_by_another_author_does_not_count(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        segment = tools.captures(node, {"url": "https://museum.example/forged.jpg"})
        return tools.leaves_of(tools.crawl(node, segment, signer=SigningKey(b"t" * 32)), segment)

    assert list(_refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)) == ["3", "4"]


def test_anothers_statements_in_this_log_do_not_count(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    other = create_node(Layout(tmp_path / "q"), "Q", "q.test/log")
    segment = tools.captures(other, {"url": "https://q.example/1.jpg"})
    statement = tools.crawl(other, segment)

    def make(node: Node) -> list[bytes]:
        shutil.copytree(other.layout.blobs, node.layout.blobs, dirs_exist_ok=True)
        return [*other.reader.leaves(), *tools.leaves_of(statement, segment)]

    assert list(_refused(tell(1), publisher.forged(tmp_path / "evil", make).layout.root)) == ["3", "4", "5"]


def test_a_statement_said_twice_counts_once(tell: Tell, publisher: Publisher, tmp_path: Path) -> None:
    refused = _refused(
        tell(1), publisher.forged(tmp_path / "evil", lambda node: list(node.reader.leaves(1, 3))).layout.root
    )
    assert list(refused) == ["3", "4"]


def test_a_file_as_large_as_you_like_is_not_read_as_a_statement(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)

    def make(node: Node) -> list[bytes]:
        return [StatementLeaf(add_bytes(node.store, bytes(3 << 20))).encode()]

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    _troubled(story)


def test_what_another_withholds_hides_nothing_here(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    story = tell(1)
    with story.follower.index() as index:
        own = Digest(index.rows("SELECT digest FROM statement WHERE log = 0")[0]["digest"])

    def make(node: Node) -> list[bytes]:
        some = replace(tools.captures(node, {"url": "https://a.example/1"}), access=AccessClass.WITHHELD)
        aimed = replace(some, digest=own)
        return tools.leaves_of(tools.crawl(node, aimed), aimed)

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    assert story.sync().status == 0
    refresh_served(story.follower)
    served = ServedBlobs(story.follower.layout.served)
    found = served.find(own)
    served.close()
    assert found is not None
    assert found.access is AccessClass.PUBLIC
    story.sound()


def test_it_does_not_matter_at_which_leaf_a_sync_ends(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)
    node = publisher.copy(tmp_path / "slow", of=publisher.second)
    shutil.rmtree(node.layout.log)
    shutil.copytree(publisher.first / "log", node.layout.log)
    shutil.copyfile(publisher.first / "log.lock", node.layout.log_lock)
    story.server.root = node.layout.root
    for leaf in publisher.later:
        node.log.append([leaf])
        assert story.sync().status == 0
    story.complete()
    story.sound()


# This node


def test_no_source_address_leads_into_the_private_network(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path, hostile: Callable[[Path], HostileNode]
) -> None:
    story, inner = tell(1), hostile(publisher.first)
    urls = [
        f"{inner.url}/secret",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
    ]
    digests = [Digest.of(url.encode()) for url in urls]

    def make(node: Node) -> list[bytes]:
        rows = ({"url": url, "digest": digest.raw} for url, digest in zip(urls, digests, strict=True))
        segment = tools.captures(node, *rows)
        return tools.leaves_of(tools.crawl(node, segment), segment)

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    assert story.sync().status == 0
    said = story.forked.run("--node", story.root, "--json", "fetch", *(digest.hex for digest in digests))
    assert (said.status, said.summary["nowhere"]) == (3, len(urls))
    assert inner.asked == []
    story.sound()


def test_a_clock_that_is_wrong_by_a_year_changes_nothing(
    tell: Tell, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(1)

    class Wrong(datetime):
        days = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=cls.days)

    monkeypatch.setattr(sync, "datetime", Wrong)
    for days in (365, -365):
        Wrong.days = days
        story.server.root = publisher.second
        assert all(result.complete for result in sync.follow_all(story.follower))
        story.complete()
    story.sound()


_KINDS = ["Withdrawal", "WithdrawalDecision", "Slice", "ReplicaClaim", "Equivocation", "AuditReport"]


def test_statements_of_known_kinds_that_say_nonsense_break_nothing(
    tell: Tell, publisher: Publisher, tmp_path: Path
) -> None:
    story = tell(1)
    members = ("withdraws", "concerns", "decision", "memberList", "missing", "evidence", "slice", "filter")
    values = ("urn:x:y", "hash://sha256/zz", ["urn:x:y", "hash://sha256/" + "0" * 64 + "#row=0"], "words")
    nonsense: list[dict[str, Any]] = [{}, *({name: value} for name in members for value in values)]

    def make(node: Node) -> list[bytes]:
        leaves = []
        for kind in _KINDS:
            for more in nonsense:
                leaves += _said(node, {"type": kind, **more})
        assert len(leaves) > 5 * len(_KINDS)
        return leaves

    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    said = story.sync()
    (log,) = said.of_type("log")
    assert (log["trouble"], log["frozen"], log["taken"]) == ([], None, log["size"]), said.out
    for command in (["status"], ["ls"], ["history", "0" * 64], ["index", "rebuild"]):
        assert "Traceback" not in story.forked.run("--node", story.root, *command).err
    story.complete_beside()
    story.sound()


def _said(node: Node, document: dict[str, Any]) -> list[bytes]:
    """The leaf of a statement that can be signed at all; none of one that the profile refuses."""
    head = {"@context": list(CONTEXT), "id": new_statement_id(), "wasAttributedTo": node.identity.public.did}
    try:
        statement = issue({**head, **document}, node.identity, NOW)
    except ProvenanceError:
        return []
    return [StatementLeaf(add_bytes(node.store, statement.raw)).encode()]
