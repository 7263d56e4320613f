"""A log of millions of leaves that is worked out where it is looked at: nearly all its tiles are alike.

Only some leaves are of our choosing; the others repeat every 256. So the tree has the depth, the paths and
the tiles of any log of that size, and its root is that of exactly these leaves. Or what lies beside the
chosen ones is drawn: then no two hashes are alike, as in any other log, and proofs do not pack too well.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.leaf import StatementLeaf
from provenance.log.reader import CHECKPOINT, LogReader
from provenance.log.tiles import ENTRIES, WIDTH, pack_entries, parse_tile_path
from provenance.log.tree import TileTree


class LargeLog:
    """The files of such a log (`provenance.log.files.FileSource`)."""

    def __init__(
        self, origin: str, signer: SigningKey, size: int, chosen: Mapping[int, bytes], *, drawn: bool = False
    ) -> None:
        """Works out the root and signs it.

        Args:
            origin: The log's name.
            signer: Its key.
            size: How many leaves it has.
            chosen: The leaves that matter, by log index.
            drawn: Let every subtree without any of these have a hash of its own, whatever its leaves are.
        """
        self._drawn = drawn
        self._chosen = dict(chosen)
        self._common = [StatementLeaf(Digest.of(b"%d" % number)).encode() for number in range(WIDTH)]
        self._node = cache(self._make_node)
        head = TreeHead(size, TileTree(self, size).root())
        self._checkpoint = Checkpoint(origin, head).sign(signer)
        self.reader = LogReader(self, VerifierKey(origin, signer.public))

    def read(self, path: str) -> bytes | None:
        """A file of the log; every tile that is asked for is there."""
        if path == CHECKPOINT:
            return self._checkpoint
        tile = parse_tile_path(path)
        if tile is None:
            return None
        places = range(tile.index * WIDTH, tile.index * WIDTH + tile.width)
        if tile.level == ENTRIES:
            return pack_entries([self._leaf(place) for place in places])
        return b"".join(self._hash(tile.level, place) for place in places)

    def _leaf(self, index: int) -> bytes:
        if self._drawn and index not in self._chosen:
            return StatementLeaf(Digest.of(b"%d" % index)).encode()
        return self._chosen.get(index, self._common[index % WIDTH])

    def _hash(self, level: int, index: int) -> bytes:
        """The node over the 256 ** level leaves from `index` times that number on."""
        if level == 0:
            return leaf_hash(self._leaf(index))
        width = WIDTH**level
        special = any(index * width <= chosen < (index + 1) * width for chosen in self._chosen)
        if self._drawn and not special:
            return Digest.of(b"%d %d" % (level, index)).raw
        return self._node(level, index if special else None)

    def _make_node(self, level: int, index: int | None) -> bytes:
        """A node by its place, or one with no chosen leaf below it: on each level all of these are alike."""
        if index is not None:
            return merkle_root([self._hash(level - 1, index * WIDTH + place) for place in range(WIDTH)])
        if level == 1:
            return merkle_root([leaf_hash(leaf) for leaf in self._common])
        return merkle_root([self._node(level - 1, None)] * WIDTH)
