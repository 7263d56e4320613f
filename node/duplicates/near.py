"""Pictures that are nearly the same: by how many bits of their perceptual hashes differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzers.picture.perceptual import BITS, NEAR
from hashstore.digest import Digest
from node.index import Index

_BLOCK: Final = 4096  # pictures a side; what is compared at once takes 64 MiB
_HASHES: Final = """
SELECT digest, any_value(pixelDigest) AS pixels, any_value(perceptualHash) AS hash FROM picture
WHERE perceptualHash IS NOT NULL AND length(perceptualHash) = 64 AND access IN (SELECT unnest($shown))
GROUP BY digest ORDER BY digest
"""


class Pair(NamedTuple):
    """Two pictures of different pixels, and in how many of 256 bits they differ."""

    one: Digest
    other: Digest
    distance: int


class Outlines:
    """The perceptual hashes that the logs tell, ready to be compared.

    Args:
        index: The open index.
        shown: The access classes that may be shown.
    """

    def __init__(self, index: Index, shown: list[str]) -> None:
        rows = index.rows(_HASHES, {"shown": shown})
        self._digests = [Digest(row["digest"]) for row in rows]
        self._pixels = [row["pixels"] for row in rows]
        found = [_signs(row["hash"]) for row in rows]
        self._signs = np.array(found, np.float32).reshape(-1, BITS)

    def __len__(self) -> int:
        return len(self._digests)

    def of(self, digest: Digest) -> Iterator[Pair]:
        """The pictures near to one, the nearest first."""
        if digest not in self._digests:
            return
        place = self._digests.index(digest)
        distances = _distances(self._signs[place : place + 1], self._signs)[0]
        near = np.flatnonzero(distances <= NEAR)
        for other in near[np.argsort(distances[near], kind="stable")].tolist():
            if other != place and not self._same(place, other):
                yield Pair(digest, self._digests[other], int(distances[other]))

    def pairs(self, advance: Callable[[int], object]) -> Iterator[Pair]:
        """All near pairs, each once.

        Args:
            advance: Told how many pictures have been compared with all before them.
        """
        for start in range(0, len(self), _BLOCK):
            block = self._signs[start : start + _BLOCK]
            for before in range(0, start + 1, _BLOCK):
                distances = _distances(block, self._signs[before : before + _BLOCK])
                for row, column in np.argwhere(distances <= NEAR).tolist():
                    one, other = before + column, start + row
                    if one < other and not self._same(one, other):
                        yield Pair(self._digests[one], self._digests[other], int(distances[row, column]))
            advance(len(block))

    def _same(self, one: int, other: int) -> bool:
        return bool(self._pixels[one] is not None and self._pixels[one] == self._pixels[other])


def _signs(text: str) -> npt.NDArray[np.float32]:
    """Each bit as 1 or -1: the product of two rows is then 256 less twice the bits in which they differ."""
    try:
        raw = bytes.fromhex(text)
    except ValueError:  # a followed log may hold anything
        raw = bytes(BITS // 8)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8)).astype(np.float32)
    return bits * 2 - 1


def _distances(some: npt.NDArray[np.float32], others: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (np.float32(BITS) - some @ others.T) / np.float32(2)
