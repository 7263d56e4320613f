"""What a publisher may try with the segments that its log names; each leaves the follower whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

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
from node.serve.lookup import ServedBlobs
from node.serve.watch import refresh_served

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import Publisher, Tell, Tools

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def _rows_file(node: Node, data: bytes, honest: Segment) -> Segment:
    return replace(honest, digest=add_bytes(node.store, data))


def test_a_segment_cut_off_is_refused(tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path) -> None:
    def make(node: Node) -> list[bytes]:
        whole = tools.captures(node, {"url": "https://museum.example/1.jpg"})
        cut = _rows_file(node, node.store.read(whole.digest)[:-9], whole)
        return tools.leaves_of(tools.crawl(node, cut), cut)

    assert list(tell(1).refused(publisher.forged(tmp_path / "evil", make).layout.root)) == ["4"]


def test_other_rows_than_the_statement_fixes_are_refused(
    tell: Tell, publisher: Publisher, tools: Tools, tmp_path: Path
) -> None:
    def make(node: Node) -> list[bytes]:
        true = tools.captures(node, {"url": "https://museum.example/1.jpg"})
        lies = replace(true, rows=2), replace(true, rows_root=Digest.of(b"")), replace(true, table="specimen")
        return [leaf for lie in lies for leaf in tools.leaves_of(tools.crawl(node, lie), lie)]

    assert list(tell(1).refused(publisher.forged(tmp_path / "evil", make).layout.root)) == ["4", "6", "8"]


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
        table = pa.Table.from_arrays(columns, names=list(CAPTURE.names))
        sink = pa.BufferOutputStream()
        with pq.ParquetWriter(sink, table.schema, compression="zstd", store_schema=False) as writer:
            writer.add_key_value_metadata(labels(CAPTURE))
            writer.write_table(table)
        data = sink.getvalue().to_pybytes()
        assert len(data) < 1 << 20
        bomb = Segment(
            add_bytes(node.store, data), "capture", CAPTURE.digest, rows, Digest.of(b""), AccessClass.PUBLIC
        )
        return tools.leaves_of(tools.crawl(node, bomb), bomb)

    story = tell(1)
    story.server.root = publisher.forged(tmp_path / "evil", make).layout.root
    said = story.troubled()
    # Nothing proves it bad, so nobody refuses it: the log stands still before it, at everybody.
    assert "Entry 4 of publisher.test/log could not be examined on this machine now" in said
    assert "alloc" in said
    log = story.follower.peers.log("publisher.test/log")
    assert (story.follower.peers.taken(log.origin), log.trouble) == (3, said)


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
