"""A Merkle tree read from tiles: roots, paths and leaves in a handful of file reads."""

from __future__ import annotations

from collections.abc import Iterator

from hashstore.errors import InvalidProof
from hashstore.merkle import (
    EMPTY_ROOT,
    consistency_ranges,
    inclusion_ranges,
    leaf_hashes,
    merkle_root,
    node_hash,
)
from provenance.errors import CorruptLog, LogError
from provenance.log.files import FileSource
from provenance.log.tiles import (
    ENTRIES,
    HASH_SIZE,
    HEIGHT,
    WIDTH,
    Tile,
    split_hashes,
    tile_at,
    unpack_entries,
)

_CACHED_TILES = 512


class TileTree:
    """The tree of a log at one size. Nothing it reads is trusted until a root over it has been compared."""

    def __init__(self, source: FileSource, size: int) -> None:
        """Names a tree.

        Args:
            source: where the tiles are.
            size: the number of leaves.
        """
        self.size = size
        self._source = source
        self._cache: dict[Tile, tuple[bytes, ...]] = {}

    def root(self) -> bytes:
        """The root over all leaves.

        Raises:
            CorruptLog: a tile is missing or has the wrong length.
        """
        return self._range(0, self.size) if self.size else EMPTY_ROOT

    def prefix_root(self, size: int) -> bytes:
        """The root over the first `size` leaves, which may be fewer than the tree has.

        Raises:
            LogError: the tree has fewer leaves.
            CorruptLog: a tile is missing or has the wrong length.
        """
        if not 0 <= size <= self.size:
            raise LogError(f"The log has {self.size} leaves, fewer than {size}.")
        return self._range(0, size) if size else EMPTY_ROOT

    def subroot(self, start: int, stop: int) -> bytes:
        """The root over the leaves from `start` up to, not including, `stop`.

        Args:
            start: a multiple of the smallest power of two that is not less than the number of leaves.
            stop: at most the tree's size.

        Raises:
            CorruptLog: a tile is missing or has the wrong length.
        """
        return self._range(start, stop)

    def hashes(self, tile: Tile) -> tuple[bytes, ...]:
        """The first `tile.width` hashes of a tile.

        Raises:
            CorruptLog: neither the tile nor the full one in its place is there in the right length.
        """
        if tile not in self._cache:
            if len(self._cache) >= _CACHED_TILES:
                self._cache.clear()
            self._cache[tile] = self._read_hashes(tile)
        return self._cache[tile]

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries of a bundle, each compared with its hash in the tile of level 0.

        Raises:
            CorruptLog: the bundle is missing or does not fit its tile.
        """
        data, path = self._read(tile)
        entries = unpack_entries(data, path)[: tile.width]
        if tuple(leaf_hashes(entries)) != self.hashes(Tile(0, tile.index, tile.width)):
            raise CorruptLog(
                f"{path} does not hold the entries that tile/0 commits to. Run verify on this log."
            )
        return entries

    def leaves(self, start: int, stop: int) -> Iterator[bytes]:
        """The leaves from `start` up to, not including, `stop`.

        Raises:
            LogError: the log has fewer leaves.
            CorruptLog: a bundle is missing or does not fit its tile.
        """
        if not 0 <= start <= stop <= self.size:
            raise LogError(f"The log has {self.size} leaves; there are no leaves {start} to {stop}.")
        while start < stop:
            tile = tile_at(ENTRIES, start, self.size)
            first = tile.index * WIDTH
            yield from self.entries(tile)[start - first : stop - first]
            start = first + WIDTH

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """The path that proves the leaf at `index` (from 0), sibling first.

        Raises:
            LogError: there is no such leaf.
        """
        try:
            ranges = inclusion_ranges(index, self.size)
        except InvalidProof as error:
            raise LogError(f"The log has {self.size} leaves; there is no leaf {index}.") from error
        return tuple(self._range(start, stop) for start, stop in ranges)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """The path that proves this tree to have grown from its first `old_size` leaves.

        Raises:
            LogError: the tree has fewer leaves.
        """
        try:
            ranges = consistency_ranges(old_size, self.size)
        except InvalidProof as error:
            raise LogError(f"The log has {self.size} leaves, fewer than {old_size}.") from error
        return tuple(self._range(start, stop) for start, stop in ranges)

    def _range(self, start: int, stop: int) -> bytes:
        length = stop - start
        if length & (length - 1) == 0:
            return self._perfect(start, length)
        middle = start + (1 << (length.bit_length() - 1))
        return node_hash(self._range(start, middle), self._range(middle, stop))

    def _perfect(self, start: int, length: int) -> bytes:
        """The root of a perfect subtree: the tile of the nearest level below holds its nodes side by side."""
        level, rest = divmod(length.bit_length() - 1, HEIGHT)
        node = start >> (HEIGHT * level)
        tile = tile_at(level, node, self.size)
        first = node - tile.index * WIDTH
        return merkle_root(self.hashes(tile)[first : first + (1 << rest)])

    def _read_hashes(self, tile: Tile) -> tuple[bytes, ...]:
        data, path = self._read(tile)
        if len(data) % HASH_SIZE or len(data) < tile.width * HASH_SIZE:
            raise CorruptLog(
                f"{path} has {len(data)} bytes, not {tile.width * HASH_SIZE}. Run verify on this log."
            )
        return tuple(split_hashes(data)[: tile.width])

    def _read(self, tile: Tile) -> tuple[bytes, str]:
        for candidate in (tile, tile.full):
            data = self._source.read(candidate.path)
            if data is not None:
                return data, candidate.path
        raise CorruptLog(f"{tile.path} is missing from the log. Run verify on this log.")
