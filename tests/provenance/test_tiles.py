from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.merkle import consistency_path, inclusion_path, leaf_hashes, merkle_root
from provenance.errors import CorruptLog, LogError, MalformedLeaf
from provenance.log.growth import grown_files, is_settled, is_uncommitted
from provenance.log.tiles import ENTRIES, Tile, pack_entries, parse_tile_path, tiles_of, unpack_entries
from provenance.log.tree import TileTree

tiles = st.builds(Tile, st.integers(-1, 63), st.integers(0, 10**10), st.integers(1, 256))


class Memory:
    """A log's files in memory, grown by the same pure function as those on disk."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.size = 0

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def grow(self, leaves: Sequence[bytes]) -> None:
        self.files |= grown_files(TileTree(self, self.size), leaves, leaf_hashes(leaves))
        self.size += len(leaves)


@given(tiles)
def test_a_tile_path_reads_back(tile: Tile) -> None:
    assert parse_tile_path(tile.path) == tile


def test_paths_are_those_of_the_specification() -> None:
    assert Tile(0, 1234067, 256).path == "tile/0/x001/x234/067"
    assert Tile(ENTRIES, 0, 5).path == "tile/entries/000.p/5"


@pytest.mark.parametrize(
    "path",
    ["tile/00/000", "tile/64/000", "tile/0/00", "tile/0/x000/001", "tile/0/000.p/0", "tile/0/000.p/256",
     "tile/0/000.p/07", "tile/0/000/", "checkpoint", "tile/0/001/x002", "tile/-1/000"],
)  # fmt: skip
def test_other_paths_name_no_tile(path: str) -> None:
    assert parse_tile_path(path) is None


def test_a_tree_of_70000_has_the_tiles_that_the_specification_counts() -> None:
    found = [tile for tile in tiles_of(70_000) if tile.level >= 0]
    assert sum(tile.level == 0 and tile.width == 256 for tile in found) == 273
    partial = [(tile.level, tile.width) for tile in found if tile.width < 256]
    assert partial == [(0, 112), (1, 17), (2, 1)]
    assert [tile.width for tile in tiles_of(256) if tile.level >= 0] == [256, 1]


@given(st.lists(st.binary(max_size=40), max_size=256))
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries), "here") == entries


@pytest.mark.parametrize("data", [b"\0", b"\0\2a", b"\0\1ab"])
def test_a_cut_bundle_is_noticed(data: bytes) -> None:
    with pytest.raises(CorruptLog, match="here"):
        unpack_entries(data, "here")


def test_an_entry_too_long_for_a_bundle_is_refused() -> None:
    with pytest.raises(MalformedLeaf, match="65535"):
        pack_entries([bytes(65536)])


@given(st.lists(st.integers(1, 700), min_size=1, max_size=5), st.data())
def test_a_tree_of_tiles_is_the_tree_of_its_leaves(steps: list[int], data: st.DataObject) -> None:
    memory = Memory()
    leaves: list[bytes] = []
    for step in steps:
        added = [b"leaf %d" % (len(leaves) + n) for n in range(step)]
        memory.grow(added)
        leaves += added
    tree, hashes = TileTree(memory, memory.size), leaf_hashes(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    old = data.draw(st.integers(0, len(leaves)))
    assert tree.root() == merkle_root(hashes)
    assert tree.inclusion(index) == inclusion_path(hashes, index)
    assert tree.consistency(old) == consistency_path(hashes, old)
    assert list(tree.leaves(old, len(leaves))) == leaves[old:]
    assert all(tile.path in memory.files for tile in tiles_of(memory.size))
    assert not any(is_uncommitted(path, memory.size) for path in memory.files)


def test_a_tree_taller_than_two_tiles_has_the_same_root_and_paths() -> None:
    memory = Memory()
    leaves = [b"%d" % n for n in range(66_000)]
    memory.grow(leaves[:65_535])
    memory.grow(leaves[65_535:])
    tree, hashes = TileTree(memory, memory.size), leaf_hashes(leaves)
    assert tree.root() == merkle_root(hashes)
    assert tree.inclusion(65_536) == inclusion_path(hashes, 65_536)


def test_questions_beyond_the_tree_are_refused() -> None:
    memory = Memory()
    memory.grow([b"a"])
    tree = TileTree(memory, 1)
    for ask in (lambda: tree.inclusion(1), lambda: tree.consistency(2), lambda: list(tree.leaves(0, 2))):
        with pytest.raises(LogError, match="1 leaves"):
            ask()


def test_a_missing_or_short_tile_is_named() -> None:
    memory = Memory()
    memory.grow([b"a", b"b"])
    memory.files["tile/0/000.p/2"] = bytes(63)
    with pytest.raises(CorruptLog, match=r"tile/0/000\.p/2 has 63 bytes"):
        TileTree(memory, 2).root()
    del memory.files["tile/0/000.p/2"]
    with pytest.raises(CorruptLog, match=r"tile/0/000\.p/2 is missing"):
        TileTree(memory, 2).root()


def test_only_folders_of_filled_places_are_settled() -> None:
    assert is_settled("tile/0/000.p", 256)
    assert not is_settled("tile/0/000.p", 255)
    assert not is_settled("tile/0", 256)
