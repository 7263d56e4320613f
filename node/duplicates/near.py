"""Pictures that are nearly the same: by how many bits of their perceptual hashes differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from analyzers.picture.perceptual import BITS, NEAR
from hashstore.digest import Digest
from node.index import Index

# If two hashes differ in less than two bits for each of the 16 bands, then in one of the bands in one bit at
# most. So only pictures are compared that have a band in common but for a bit.
_BANDS: Final = 16
assert NEAR < 2 * _BANDS
_CHANGES: Final = (0, *(1 << bit for bit in range(BITS // _BANDS)))
_BLOCK: Final = 1 << 21  # pairs that are compared at once; they take some 200 MiB
_HASHES: Final = """
SELECT digest, any_value(pixelDigest) AS pixels, any_value(perceptualHash) AS hash FROM picture
WHERE regexp_full_match(perceptualHash, '[0-9a-f]{64}') AND access IN (SELECT unnest($shown))
GROUP BY digest ORDER BY digest
"""

Bands = npt.NDArray[np.uint16]
Places = npt.NDArray[np.int64]


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
        self._bands = bands_of(row["hash"] for row in rows)

    def __len__(self) -> int:
        return len(self._digests)

    def of(self, digest: Digest) -> Iterator[Pair]:
        """The pictures near to one, the nearest first."""
        if digest not in self._digests:
            return
        place = self._digests.index(digest)
        distances = differing(self._bands[place], self._bands)
        near = np.flatnonzero(distances <= NEAR)
        for other in near[np.argsort(distances[near], kind="stable")].tolist():
            if other != place and not self._same(place, other):
                yield Pair(digest, self._digests[other], int(distances[other]))

    def pairs(self, advance: Callable[[int], object]) -> Iterator[Pair]:
        """All near pairs, each once.

        Args:
            advance: Told for how many pictures more as much is done as comparing them takes.
        """
        done = 0
        for band in range(_BANDS):
            for one, other, distance in near_pairs(self._bands, band):
                if not self._same(one, other):
                    yield Pair(self._digests[one], self._digests[other], distance)
            advance((band + 1) * len(self) // _BANDS - done)
            done = (band + 1) * len(self) // _BANDS

    def _same(self, one: int, other: int) -> bool:
        return bool(self._pixels[one] is not None and self._pixels[one] == self._pixels[other])


def bands_of(hashes: Iterable[str]) -> Bands:
    """Hashes in hexadecimal digits as rows of 16 numbers."""
    raw = b"".join(map(bytes.fromhex, hashes))
    return np.frombuffer(raw, np.uint16).reshape(-1, _BANDS)


def differing(some: Bands, others: Bands) -> npt.NDArray[np.int64]:
    """In how many bits each of some rows differs from that in the same place."""
    found: npt.NDArray[np.int64] = np.bitwise_count(some ^ others).sum(axis=-1, dtype=np.int64)
    return found


def near_pairs(bands: Bands, band: int) -> Iterator[tuple[int, int, int]]:
    """The near pairs whose first band that differs in one bit at most is this one; the lesser place first."""
    order = np.argsort(bands[:, band], kind="stable")
    keys = bands[order, band]
    for change in _CHANGES:
        wanted = keys ^ np.uint16(change)
        first, last = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        for ones, others in _candidates(order, first, last):
            ahead = ones < others
            ones, others = ones[ahead], others[ahead]
            counts = np.bitwise_count(bands[ones] ^ bands[others])
            distances = counts.sum(axis=1, dtype=np.int64)
            near = (distances <= NEAR) & ~(counts[:, :band] <= 1).any(axis=1)
            yield from zip(ones[near].tolist(), others[near].tolist(), distances[near].tolist(), strict=True)


def _candidates(order: Places, first: Places, last: Places) -> Iterator[tuple[Places, Places]]:
    """Each place with all those between two others in the order; a block at a time."""
    counts = last - first
    ends = np.cumsum(counts)
    begin, total = 0, int(ends[-1]) if len(ends) else 0
    while begin < total:
        numbers = np.arange(begin, min(begin + _BLOCK, total))
        rows = np.searchsorted(ends, numbers, "right")
        yield order[rows], order[first[rows] + numbers - (ends[rows] - counts[rows])]
        begin += _BLOCK
