"""What only `verify --deep` can find: a node whose bytes are right and whose statements do not hold together.

Every flipped byte is tried in tests/journeys/test_flipped_bytes.py; here the node's own keys are misused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.compose import Node, open_node
from node.verify import NodeFault, verify_node
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


def leaves(node: Node) -> list[StatementLeaf | SegmentLeaf]:
    decoded = [decode_leaf(raw) for raw in node.reader.leaves()]
    return [leaf for leaf in decoded if isinstance(leaf, StatementLeaf | SegmentLeaf)]


def all_faults(node: Node, *, deep: bool = True) -> list[NodeFault]:
    opened = open_node(node.layout)
    return list(verify_node(opened, deep=deep, progress=lambda _: None, phase=lambda _: None))


def faults(node: Node) -> list[tuple[str, str, str]]:
    """Part, kind and message of what is wrong, but for the index, which is behind a log just forged."""
    return [(f.part, f.kind, f.message) for f in all_faults(node) if f.part != "index"]


def forge(node: Node, *entries: StatementLeaf | SegmentLeaf) -> None:
    with node.writing():
        node.log.append([entry.encode() for entry in entries])


def first_segment(node: Node) -> SegmentLeaf:
    return next(leaf for leaf in leaves(node) if isinstance(leaf, SegmentLeaf))


def test_a_node_in_order_has_no_fault(tracked_copy: Node) -> None:
    assert all_faults(tracked_copy) == []


def test_a_segment_that_no_entered_statement_lists_is_named(tracked_copy: Node) -> None:
    known = first_segment(tracked_copy)
    nobody = Digest.of(b"a statement that is not in the log")
    forge(tracked_copy, replace(known, statement=nobody))
    assert [(part, kind) for part, kind, message in faults(tracked_copy) if str(nobody) in message] == [
        ("segment", "bad")
    ]


def test_a_segment_entered_twice_is_named(tracked_copy: Node) -> None:
    known = first_segment(tracked_copy)
    forge(tracked_copy, known)
    [(part, kind, message)] = faults(tracked_copy)
    assert (part, kind) == ("statement", "bad")
    assert str(known.statement) in message


def test_a_statement_that_another_node_signed_is_named(fresh: Node, tracked: Node) -> None:
    crawl = first_segment(tracked).statement
    add_bytes(fresh.store, tracked.store.read(crawl))
    forge(fresh, StatementLeaf(crawl))
    [(part, kind, message)] = faults(fresh)
    assert (part, kind) == ("statement", "bad")
    assert "not by this node" in message


def test_a_segment_described_otherwise_than_its_statement_does_is_named(tracked_copy: Node) -> None:
    known = first_segment(tracked_copy)
    forge(tracked_copy, replace(known, rows=known.rows + 1))
    assert any("describe the segment differently" in message for _, _, message in faults(tracked_copy))


def test_settings_that_name_another_log_are_named(tracked_copy: Node, vasculum: Vasculum) -> None:
    config = tracked_copy.layout.config
    config.write_text(config.read_text().replace("herbarium.test/log", "museum.test/log"))
    said = vasculum("--node", tracked_copy.layout.root, "verify", "--deep")
    assert said.code == 4
    assert "put that name back" in said.out


@pytest.mark.parametrize("deep", [False, True])
def test_a_blob_that_does_not_belong_is_foreign_and_not_removed(tracked_copy: Node, *, deep: bool) -> None:
    stranger = tracked_copy.layout.blobs / "aa" / "notes.txt"
    stranger.parent.mkdir(exist_ok=True)
    stranger.write_text("left here by hand")
    [fault] = all_faults(tracked_copy, deep=deep)
    assert (fault.part, fault.kind) == ("store", "foreign")
    assert stranger.exists()
