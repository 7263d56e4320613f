"""The same filter and state give the same members on every node, whatever else it knows or withholds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from manifests.filter import And, parse_filter
from manifests.members import MemberList
from node.compose import Node, open_node
from node.errors import AmbiguousIdentifier, NotFound, SliceError
from node.index import Index, apply_log
from node.keys.rotate import revoke, rotate
from node.museum import Museum
from node.slices.create import composed, create_slice
from node.slices.gone import Extent
from node.slices.known import KnownSlice, find_slice, known_slices, members_of, resolved_anew, slice_at
from node.slices.members import resolve_members
from node.slices.state import extents, present_state
from provenance.log.leaf import SegmentLeaf, decode_leaf
from provenance.statement.kinds import KeyRole, LogState

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

ALL = And(())
FILTERS = [
    ALL,
    *(
        parse_filter(text)
        for text in (
            '{"eq":{"field":"taxon","value":"Plantae"}}',
            '{"not":{"eq":{"field":"taxon","value":"plantae"}}}',
            '{"range":{"field":"date","from":"1900"}}',
            '{"exists":{"field":"licence"}}',
            '{"or":[{"exists":{"field":"typeStatus"}},{"eq":{"field":"collection","value":"ENT"}}]}',
        )
    ),
]


@contextmanager
def as_followed(node: Node, path: Path, others: int, size: int | None = None) -> Iterator[tuple[Index, int]]:
    """An index that follows a node's log, after so many other logs."""
    with Index(path) as index:
        for number in range(others):
            index.log_number(f"other{number}.test/log")
        log = index.log_number(node.log_key.name)
        head = node.reader.head().size if size is None else size
        apply_log(index, node.reader.leaves, head, node.store.path, log=log)
        yield index, log


def members_by_python(node: Node, size: int) -> set[bytes]:
    """All images as of a size, told without SQL over the index: the last capture of each address."""
    import pyarrow.parquet as pq

    last: dict[tuple[str, str], bytes] = {}
    for raw in node.reader.leaves(0, size):
        leaf = decode_leaf(raw)
        if isinstance(leaf, SegmentLeaf) and leaf.table == "capture":
            for row in pq.read_table(node.store.path(leaf.segment)).to_pylist():
                found = row["digest"] or row["lastKnown"]
                if row["role"] == "image" and found is not None:
                    last[row["source"], row["url"]] = found
    return set(last.values())


def test_two_nodes_that_number_their_logs_otherwise_come_to_the_same_members(
    tracked: Node, tmp_path: Path
) -> None:
    size = tracked.reader.head().size
    with (
        tracked.index() as own,
        as_followed(tracked, tmp_path / "a.duckdb", 0) as (first, one),
        as_followed(tracked, tmp_path / "b.duckdb", 3) as (second, four),
    ):
        assert (one, four) == (1, 4)
        for tree in FILTERS:
            expected = resolve_members(own, tree, (Extent(0, size),))
            assert len(expected) > 0
            assert resolve_members(first, tree, (Extent(one, size),)) == expected
            assert resolve_members(second, tree, (Extent(four, size),)) == expected


def test_an_older_state_is_what_the_log_was_then(tracked: Node, tmp_path: Path) -> None:
    full = tracked.reader.head().size
    with tracked.index() as index:
        for size in (0, 3, 5, full - 1):
            with as_followed(tracked, tmp_path / f"{size}.duckdb", 1, size) as (then, log):
                for tree in FILTERS[:3]:
                    now = resolve_members(index, tree, (Extent(0, size),))
                    assert now == resolve_members(then, tree, (Extent(log, size),))


def test_the_museums_images_are_the_members_of_everything(tracked: Node) -> None:
    with tracked.index() as index:
        first = resolve_members(index, ALL, (Extent(0, 5),))
        last = resolve_members(index, ALL, (Extent(0, tracked.reader.head().size),))
        gone = index.rows("SELECT accessURI FROM media WHERE change = 'removed'")
    assert {one.raw for one in first} == members_by_python(tracked, 5)
    # In its second version the museum no longer publishes one picture; its capture stays, its row does not.
    assert {one.raw for one in last} < members_by_python(tracked, tracked.reader.head().size)
    assert len(gone) == 1


def test_a_slice_over_two_logs_has_the_members_of_both(tracked: Node, tmp_path: Path) -> None:
    size = tracked.reader.head().size
    with as_followed(tracked, tmp_path / "a.duckdb", 0) as (index, log):
        twin = index.log_number("twin.test/log")
        apply_log(index, tracked.reader.leaves, 5, tracked.store.path, log=twin)
        for tree in FILTERS:
            both = resolve_members(index, tree, (Extent(log, size), Extent(twin, 5)))
            parts = [
                resolve_members(index, tree, (extent,)) for extent in (Extent(log, size), Extent(twin, 5))
            ]
            assert both == MemberList.of([*parts[0], *parts[1]])
        assert resolve_members(index, ALL, ()) == MemberList(b"")


def test_what_a_node_withholds_is_no_member_there_either(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    root = fresh.layout.root
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    with fresh.layout.config.open("a") as file:
        file.write('[[policy.withhold]]\ncolumn = "collectionCode"\nvalues = ["ENT"]\n')
    museum.advance()
    assert vasculum("--node", root, "track", museum.archive_url).code == 3
    size = fresh.reader.head().size
    with fresh.index() as own, as_followed(fresh, tmp_path / "f.duckdb", 2) as (index, log):
        assert own.one("SELECT 1 FROM capture WHERE access = 'withheld'")
        for tree in FILTERS:
            for upto in (5, size):
                here = resolve_members(own, tree, (Extent(0, upto),))
                assert here == resolve_members(index, tree, (Extent(log, upto),))


def test_what_the_log_took_back_counts_before_and_not_after(
    tracked_copy: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    node, before = tracked_copy, tracked_copy.reader.head().size
    with node.index() as index:
        members = {tree: resolve_members(index, tree, (Extent(0, before),)) for tree in FILTERS}
        made = members[FILTERS[1]]
    with node.writing():
        known = create_slice(node, "plants", FILTERS[1])
    gone = made[0]
    said = vasculum("--node", node.layout.root, "withdraw", gone.hex, "--reason", "rights")
    assert said.code == 0, said.err
    after = node.reader.head().size
    with node.index() as index, as_followed(node, tmp_path / "f.duckdb", 1) as (followed, log):
        for tree in FILTERS:
            assert resolve_members(index, tree, (Extent(0, before),)) == members[tree]
            now = resolve_members(index, tree, (Extent(0, after),))
            assert now == resolve_members(followed, tree, (Extent(log, after),))
            assert gone not in now
        assert resolved_anew(node, index, known) == members_of(node, index, known)
    shown = vasculum("--node", node.layout.root, "--json", "slice", "show", "plants").items[-1]
    assert shown["withdrawn"] == 1


def test_a_node_that_lacks_rows_says_so_and_uses_the_list(tracked_copy: Node) -> None:
    node = tracked_copy
    with node.writing():
        known = create_slice(node, "all", ALL)
    with node.index() as index:
        index.connection.execute("DELETE FROM media WHERE row = 1 AND log_index = 3")
        with pytest.raises(SliceError, match="1 media rows of the log were withdrawn"):
            resolved_anew(node, index, known)
        assert len(members_of(node, index, known)) == known.slice.count


def test_a_state_from_before_a_revocation_is_told_by_its_list_alone(tracked_copy: Node) -> None:
    node = tracked_copy
    with node.writing():
        known, former = create_slice(node, "all", ALL), node.identity.public
        rotate(node, KeyRole.IDENTITY)
        revoke(open_node(node.layout), KeyRole.IDENTITY, former, 4)
        node = open_node(node.layout)
        with node.index() as index:
            assert (
                list(known_slices(node, index)) == []
            )  # void itself; who sees it elsewhere still has its list
            with pytest.raises(SliceError, match="revocation"):
                resolved_anew(node, index, known)
            assert len(members_of(node, index, known)) == known.slice.count
            earlier = resolve_members(index, ALL, (Extent(0, 4),))
        later = create_slice(node, "all", ALL)
    with node.index() as index:
        assert resolved_anew(node, index, later) == members_of(node, index, later)
    assert 0 < len(earlier) <= later.slice.count


def test_a_slice_is_found_by_name_or_digest(tracked_copy: Node) -> None:
    node = tracked_copy
    with node.writing():
        first = create_slice(node, "oaks", FILTERS[1])
        second = create_slice(node, "oaks", FILTERS[2])
        hostile = create_slice(node, first.digest.hex, ALL)
    assert second.slice.previous == first.digest
    with node.index() as index:
        assert find_slice(node, index, "oaks") == second
        assert find_slice(node, index, first.digest.hex[:12]) == first
        assert find_slice(node, index, first.digest.hex) == first
        assert slice_at(node, index, hostile.digest) == hostile
        assert [known.digest for known in known_slices(node, index)] == [
            hostile.digest, second.digest, first.digest,
        ]  # fmt: skip
        for text in ("elms", Digest.of(b"x").hex):
            with pytest.raises(NotFound, match="slice ls"):
                find_slice(node, index, text)
        with pytest.raises(AmbiguousIdentifier):
            find_slice(node, index, "0a")
        with pytest.raises(SliceError, match="is no slice"):
            find_slice(node, index, "snapshot")


def _other(known: KnownSlice, **changes: Any) -> KnownSlice:
    from dataclasses import replace

    return replace(known, slice=replace(known.slice, **changes))


def test_a_slice_that_its_logs_do_not_bear_out_is_refused(tracked_copy: Node) -> None:
    node = tracked_copy
    with node.writing():
        known = create_slice(node, "all", ALL)
    with node.index() as index:
        state = known.slice.state[0]
        for log, problem in (
            (LogState(state.origin, state.size, Digest.of(b"fork")), "was forked"),
            (LogState(state.origin, 99, state.root), "99 entries"),
            (LogState("unknown.test/log", 1, state.root), "does not follow"),
        ):
            with pytest.raises(SliceError, match=problem):
                resolved_anew(node, index, _other(known, state=(log,)))
        with pytest.raises(SliceError, match="Do not rely on it"):
            resolved_anew(node, index, _other(known, members_root=Digest.of(b"other")))
        with pytest.raises(SliceError, match="Do not rely on it"):
            members_of(node, index, _other(known, count=1))
        with pytest.raises(SliceError, match="does not follow the log nowhere"):
            present_state(node, index, ["nowhere"])
        assert extents(node, index, known.slice.state) == (Extent(0, state.size),)


def test_wishes_and_a_filter_have_to_hold_together() -> None:
    tree = composed(
        '{"exists":{"field":"date"}}', {"taxon": ["a"], "country": ["x", "y"], "licence": []}, "1900"
    )
    assert json.loads(json.dumps(tree.document())) == {
        "and": [
            {"exists": {"field": "date"}},
            {"eq": {"field": "taxon", "value": "a"}},
            {"in": {"field": "country", "values": ["x", "y"]}},
            {"range": {"field": "date", "from": "1900"}},
        ]
    }
    assert composed(None, {}) == ALL
