"""Which files a log gains when leaves are added, and which files belong to no promised head."""

from __future__ import annotations

from collections.abc import Sequence

from hashstore.merkle import merkle_root
from provenance.log.tiles import ENTRIES, WIDTH, Tile, nodes_at, pack_entries, parse_tile_path
from provenance.log.tree import TileTree


def grown_files(tree: TileTree, leaves: Sequence[bytes], hashes: Sequence[bytes]) -> dict[str, bytes]:
    """The bundles and tiles to write when leaves are added to a tree, by path.

    Args:
        tree: the tree so far.
        leaves: the new leaves.
        hashes: their leaf hashes.

    Raises:
        CorruptLog: a partial tile or bundle that has to grow is missing or changed.
        MalformedLeaf: a leaf is longer than a bundle allows.
    """
    files: dict[str, bytes] = {}
    start = nodes_at(ENTRIES, tree.size)
    kept_entries = tree.entries(_edge(ENTRIES, start)) if start % WIDTH else []
    for tile, entries in _cut(ENTRIES, start, kept_entries, leaves):
        files[tile.path] = pack_entries(entries)
    level, added = 0, list(hashes)
    while added:
        start = nodes_at(level, tree.size)
        kept = list(tree.hashes(_edge(level, start))) if start % WIDTH else []
        above: list[bytes] = []
        for tile, nodes in _cut(level, start, kept, added):
            files[tile.path] = b"".join(nodes)
            if tile.width == WIDTH:
                above.append(merkle_root(nodes))
        level, added = level + 1, above
    return files


def is_uncommitted(path: str, size: int) -> bool:
    """Whether a file is a tile or bundle of a tree larger than `size`."""
    tile = parse_tile_path(path)
    return tile is not None and tile.index * WIDTH + tile.width > nodes_at(tile.level, size)


def is_settled(folder: str, size: int) -> bool:
    """Whether a folder holds partial tiles of a place that a tree of `size` leaves has filled."""
    tile = parse_tile_path(folder.removesuffix(".p")) if folder.endswith(".p") else None
    return tile is not None and not is_uncommitted(tile.path, size)


def _edge(level: int, count: int) -> Tile:
    return Tile(level, count // WIDTH, count % WIDTH)


def _cut(
    level: int, start: int, kept: Sequence[bytes], added: Sequence[bytes]
) -> list[tuple[Tile, list[bytes]]]:
    """Cuts a level's new nodes, after those its partial tile keeps, into tiles; the last may be partial."""
    nodes = [*kept, *added]
    first = start // WIDTH
    tiles = []
    for offset in range(0, len(nodes), WIDTH):
        part = nodes[offset : offset + WIDTH]
        tiles.append((Tile(level, first + offset // WIDTH, len(part)), part))
    return tiles
