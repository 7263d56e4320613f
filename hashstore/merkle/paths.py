"""Which hashes prove that a leaf is in a tree, or that one tree grew from another (RFC 9162, section 2.1).

A path is first told as ranges of leaves, so that a log that stores its inner nodes in tiles can look each one
up; the functions on leaf hashes compute them.
"""

from __future__ import annotations

from collections.abc import Sequence

from hashstore.errors import InvalidProof
from hashstore.merkle.tree import merkle_root, next_level

Range = tuple[int, int]


def inclusion_ranges(index: int, size: int) -> tuple[Range, ...]:
    """The subtrees whose roots prove the leaf at `index` (from 0) in a tree of `size` leaves.

    Returns:
        Half-open ranges of leaves, from the leaf's sibling up.

    Raises:
        InvalidProof: If the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index} (they count from 0)")
    ranges: list[Range] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return tuple(reversed(ranges))


def consistency_ranges(old_size: int, new_size: int) -> tuple[Range, ...]:
    """The subtrees whose roots prove that the first `old_size` leaves of a tree of `new_size` are the old
    tree.

    Returns:
        Half-open ranges of leaves in the order of RFC 9162, section 2.1.4.1; none if the sizes are equal or
        the old tree was empty.

    Raises:
        InvalidProof: If the old tree would be the larger one.
    """
    if not 0 <= old_size <= new_size:
        raise InvalidProof(f"a tree of {new_size} leaves cannot have grown from one of {old_size}")
    if old_size in (0, new_size):
        return ()
    ranges: list[Range] = []
    start, stop = 0, new_size
    # Both sides know the old root, so a subtree that is the whole old tree is left out.
    while stop != old_size:
        middle = start + _split(stop - start)
        if old_size <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start > 0:
        ranges.append((start, stop))
    return tuple(reversed(ranges))


def inclusion_path(leaf_hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path of the leaf at `index` (from 0), sibling first, each hash 32 bytes.

    Raises:
        InvalidProof: If there is no such leaf.
    """
    if not 0 <= index < len(leaf_hashes):
        raise InvalidProof(f"a tree of {len(leaf_hashes)} leaves has no leaf {index} (they count from 0)")
    path = []
    level = leaf_hashes
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = next_level(level)
        index >>= 1
    return tuple(path)


def consistency_path(leaf_hashes: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """The path that proves the tree over `leaf_hashes` to have grown from its first `old_size` leaves.

    Raises:
        InvalidProof: If `old_size` is negative or greater than the tree.
    """
    ranges = consistency_ranges(old_size, len(leaf_hashes))
    return tuple(merkle_root(leaf_hashes[start:stop]) for start, stop in ranges)


def _split(size: int) -> int:
    """The largest power of two below `size` (which is 2 or more)."""
    return 1 << ((size - 1).bit_length() - 1)
