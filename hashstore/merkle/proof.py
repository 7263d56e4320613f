"""Check paths against roots (RFC 9162, sections 2.1.3.2 and 2.1.4.2). Only the roots are trusted."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from hashstore.errors import InvalidProof
from hashstore.merkle.tree import EMPTY_ROOT, node_hash

_HASH_SIZE = 32


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root to which a path leads from a leaf.

    Args:
        leaf: The leaf's hash (32 bytes), not its data.
        index: The leaf's place, from 0.
        size: How many leaves the tree has.
        path: Hashes from the leaf's sibling up.

    Raises:
        InvalidProof: If the tree has no such leaf, or the path has not the one length that fits.
    """
    if not 0 <= index < size:
        raise InvalidProof(f"a tree of {size} leaves has no leaf {index} (they count from 0)")
    _check_hashes(leaf, *path)
    node, last = index, size - 1
    root = leaf
    for sibling in path:
        if last == 0:
            raise InvalidProof(f"the path of leaf {index} of {size} is too long ({len(path)} hashes)")
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise InvalidProof(f"the path of leaf {index} of {size} is too short ({len(path)} hashes)")
    return root


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` in the tree of `size` leaves under `root`.

    Raises:
        InvalidProof: If it does not.
    """
    _check_hashes(root)
    if not hmac.compare_digest(root_from_inclusion(leaf, index, size, path), root):
        raise InvalidProof(f"the path of leaf {index} of {size} does not lead to root {root.hex()}")


def verify_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree under `new_root` begins with all leaves of the tree under `old_root`.

    Raises:
        InvalidProof: If it does not, or the path has not the one length that fits.
    """
    if not 0 <= old_size <= new_size:
        raise InvalidProof(f"a tree of {new_size} leaves cannot have grown from one of {old_size}")
    _check_hashes(old_root, new_root, *path)
    if old_size in (0, new_size):
        _check_trivial(old_size, old_root, new_size, new_root, path)
        return
    old, new = _roots_from_consistency(old_size, old_root, new_size, path)
    if not hmac.compare_digest(old, old_root):
        raise InvalidProof(f"the path from {old_size} to {new_size} leaves does not lead to the old root")
    if not hmac.compare_digest(new, new_root):
        raise InvalidProof(f"the path from {old_size} to {new_size} leaves does not lead to the new root")


def _check_trivial(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    if path:
        raise InvalidProof(
            f"from {old_size} to {new_size} leaves nothing has to be proved, but a path is given"
        )
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise InvalidProof("the root of the empty tree is not the hash of nothing")
    if old_size == new_size and old_root != new_root:
        raise InvalidProof(f"two different roots over {old_size} leaves: the log has been forked")


def _roots_from_consistency(
    old_size: int, old_root: bytes, new_size: int, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    # The old tree is a subtree of the new one when its size is a power of two; its root is then left out.
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not hashes:
        raise InvalidProof(f"the path from {old_size} to {new_size} leaves is empty")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise InvalidProof(
                f"the path from {old_size} to {new_size} leaves is too long ({len(path)} hashes)"
            )
        if node & 1 or node == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise InvalidProof(f"the path from {old_size} to {new_size} leaves is too short ({len(path)} hashes)")
    return old, new


def _check_hashes(*hashes: bytes) -> None:
    for value in hashes:
        if len(value) != _HASH_SIZE:
            raise InvalidProof(f"a hash of {len(value)} bytes stands where {_HASH_SIZE} are due")
