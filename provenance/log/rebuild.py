"""What every tile of a log must hold, worked out from entries and tiles that may be damaged in places.

Entries and tiles of level 0 say the same thing twice. Where they differ, the level above, and for the last
tile the signed root, tells which of them is right; so one damaged file never casts doubt on another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import product

from hashstore.merkle import leaf_hashes, merkle_root
from provenance.errors import CorruptLog
from provenance.log.checkpoint import TreeHead
from provenance.log.files import LogFolder
from provenance.log.tiles import ENTRIES, WIDTH, Tile, nodes_at, split_hashes, tile_at, unpack_entries

_MOST_DOUBTS = 8  # 256 combinations at most


class Rebuilt:
    """All hashes of a log's tiles, level by level."""

    def __init__(self, hashes: list[bytes], head: TreeHead) -> None:
        """Computes the levels above the leaf hashes, and whether they lead to the signed root."""
        self.sound = len(hashes) == head.size and merkle_root(hashes) == head.root
        self._levels = [hashes]
        while len(level := self._levels[-1]) >= WIDTH:
            full = len(level) // WIDTH * WIDTH
            above = [merkle_root(level[start : start + WIDTH]) for start in range(0, full, WIDTH)]
            self._levels.append(above)

    def hashes(self, tile: Tile) -> list[bytes]:
        """What a tile holds; for a bundle, the leaf hashes of its entries."""
        level = self._levels[max(tile.level, 0)]
        return level[tile.index * WIDTH : tile.index * WIDTH + tile.width]


def rebuild(folder: LogFolder, head: TreeHead) -> Rebuilt:
    """Works out every tile of a log from its files; `sound` tells whether that led to the head's root."""
    choices = [_candidates(folder, index, head.size) for index in range(-(-head.size // WIDTH))]
    best = Rebuilt([leaf for options in choices for leaf in options[0]], head)
    if best.sound or sum(len(options) > 1 for options in choices) > _MOST_DOUBTS:
        return best
    for combination in product(*choices):
        rebuilt = Rebuilt([leaf for part in combination for leaf in part], head)
        if rebuilt.sound:
            return rebuilt
    return best


def _candidates(folder: LogFolder, index: int, size: int) -> list[list[bytes]]:
    """The possible leaf hashes of one place: what the bundle says, what the tile says, or the right one."""
    tile = tile_at(0, index * WIDTH, size)
    options: list[list[bytes]] = []
    for found in _readings(folder, tile):
        if len(found) == tile.width and found not in options:
            options.append(found)
    if len(options) > 1 and tile.width == WIDTH:
        above = _node_above(folder, index, size)
        options = [found for found in options if merkle_root(found) == above] or options
    return options or [[]]


def _readings(folder: LogFolder, tile: Tile) -> Iterator[list[bytes]]:
    bundle = Tile(ENTRIES, tile.index, tile.width)
    with suppress(CorruptLog):
        yield leaf_hashes(unpack_entries(folder.read(bundle.path) or b"", bundle.path))
    with suppress(CorruptLog):
        yield split_hashes(folder.read(tile.path) or b"")


def _node_above(folder: LogFolder, index: int, size: int) -> bytes:
    if index >= nodes_at(1, size):
        return b""
    tile = tile_at(1, index, size)
    try:
        hashes = split_hashes(folder.read(tile.path) or b"")
    except CorruptLog:
        return b""
    return hashes[index % WIDTH] if index % WIDTH < len(hashes) else b""
