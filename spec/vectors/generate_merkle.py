"""Print `merkle.json`: roots and paths of small trees, word for word by RFC 9162, section 2.1.

Uses nothing of Vasculum, so that the vectors are a second opinion: python generate_merkle.py > merkle.json
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

_SIZES = (0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31)


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    split = 1
    while split * 2 < size:
        split *= 2
    return split


def _root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = _split(len(leaves))
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _inclusion(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*_inclusion(index, leaves[:split]), _root(leaves[split:])]
    return [*_inclusion(index - split, leaves[split:]), _root(leaves[:split])]


def _consistency(old: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [_root(leaves)]
    split = _split(len(leaves))
    if old <= split:
        return [*_consistency(old, leaves[:split], whole=whole), _root(leaves[split:])]
    return [*_consistency(old - split, leaves[split:], whole=False), _root(leaves[:split])]


def _hexes(path: list[bytes]) -> list[str]:
    return [one.hex() for one in path]


def build() -> dict[str, Any]:
    """The whole document."""
    leaves = [f"leaf {number}".encode() for number in range(max(_SIZES))]
    trees = []
    for size in _SIZES:
        tree = leaves[:size]
        trees.append(
            {
                "size": size,
                "root": _root(tree).hex(),
                "inclusion": [
                    {"index": index, "path": _hexes(_inclusion(index, tree))}
                    for index in sorted({0, 1, size // 2, size - 2, size - 1})
                    if 0 <= index < size
                ],
                "consistency": [
                    {"oldSize": old, "path": _hexes(_consistency(old, tree))}
                    for old in sorted({1, 2, 3, size // 2, size - 1, size})
                    if 0 < old <= size
                ],
            }
        )
    description = (
        "Merkle trees of RFC 9162 with SHA-256. The leaf number N (from 0) is the text `leaf N` in UTF-8. "
        "Hashes are in hex; paths are given from the leaf upward, in the order of the RFC."
    )
    return {"description": description, "trees": trees}


if __name__ == "__main__":
    print(json.dumps(build(), indent=2))
