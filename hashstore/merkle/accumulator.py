"""A root that grows leaf by leaf in memory for the tree's height."""

from __future__ import annotations

from collections.abc import Iterable

from hashstore.merkle.tree import EMPTY_ROOT, merkle_root, node_hash

_CHUNK = 4096


class MerkleAccumulator:
    """The compact range of RFC 9162's tree over all leaves so far: one hash for each bit set in its size."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []  # roots of perfect subtrees, the largest (leftmost) first

    @property
    def size(self) -> int:
        """How many leaves it has taken."""
        return self._size

    def append(self, leaf_hash: bytes) -> None:
        """Take one leaf hash (32 bytes)."""
        self._push(leaf_hash, 1)

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Take many leaf hashes; several times faster than `append` in a loop."""
        pending: list[bytes] = []
        for leaf in leaf_hashes:
            # A whole chunk may enter as one subtree only where the tree so far is a multiple of it.
            if self._size % _CHUNK:
                self._push(leaf, 1)
                continue
            pending.append(leaf)
            if len(pending) == _CHUNK:
                self._push(merkle_root(pending), _CHUNK)
                pending.clear()
        for leaf in pending:
            self._push(leaf, 1)

    def root(self) -> bytes:
        """The root over all leaves so far; `EMPTY_ROOT` before the first."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def _push(self, subtree: bytes, leaves: int) -> None:
        """Add a perfect subtree; `leaves` is a power of two that divides the size so far."""
        before = self._size
        self._size += leaves
        while before & leaves:
            subtree = node_hash(self._peaks.pop(), subtree)
            leaves <<= 1
        self._peaks.append(subtree)
