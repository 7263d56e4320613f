"""Masks as COCO writes them: runs over the whole picture, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.errors import BadOutput
from analyzers.region import Box, Mask

Pixels = npt.NDArray[np.bool_]
_MOST: Final = 1 << 30  # pixels


def mask_of(size: Any, counts: Any) -> Mask:
    """A mask of ours, in the smallest rectangle around it.

    Args:
        size: Height and width of the picture.
        counts: Runs, as numbers or in COCO's compressed text.

    Raises:
        BadOutput: it is no mask, or empty.
    """
    runs = _runs_of(counts)
    if (
        not (isinstance(size, list) and len(size) == 2 and all(isinstance(one, int) for one in size))
        or min(size) < 1
        or size[0] * size[1] > _MOST
        or sum(runs) != size[0] * size[1]
    ):
        raise BadOutput("its runs do not cover a picture of its size")
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return mask_around(inside.reshape(size[1], size[0]).T)


def mask_around(pixels: Pixels) -> Mask:
    """The mask of some pixels of a picture, in the smallest rectangle around it.

    Raises:
        BadOutput: it is empty.
    """
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    if not len(rows):
        raise BadOutput("its mask encloses no pixel")
    top, left = int(rows[0]), int(columns[0])
    part = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    box = Box(left, top, part.shape[1], part.shape[0])
    return Mask(box, tuple(runs_of(part.ravel())))


def pixels_of(mask: Mask, size: tuple[int, int]) -> Pixels:
    """A mask as pixels of a picture of that width and height."""
    width, height = size
    whole, box = np.zeros((height, width), np.bool_), mask.box
    inside = np.repeat(np.arange(len(mask.runs)) % 2 == 1, mask.runs)
    whole[box.y : box.y + box.height, box.x : box.x + box.width] = inside.reshape(box.height, box.width)
    return whole


def counts_of(mask: Mask, size: tuple[int, int]) -> list[int]:
    """The runs of a mask over the whole picture, column by column."""
    return runs_of(pixels_of(mask, size).T.ravel())


def runs_of(inside: Pixels) -> list[int]:
    """Lengths of runs: outside, inside, outside and so on; only the first may be 0."""
    changes = np.flatnonzero(np.diff(inside)) + 1
    edges = np.concatenate(([0], changes, [len(inside)]))
    runs = [int(run) for run in np.diff(edges)]
    return [0, *runs] if len(inside) and inside[0] else runs


def _runs_of(counts: Any) -> Sequence[int]:
    if isinstance(counts, str) and counts.isascii():
        return _unpacked(counts.encode())
    if isinstance(counts, list) and all(type(one) is int and 0 <= one < _MOST for one in counts):
        return counts
    raise BadOutput("its runs are neither numbers nor COCO's text")


def _unpacked(text: bytes) -> list[int]:
    """COCO's compressed runs (`rleFrString` of its mask API).

    A letter has 5 bits; from the fourth run on, what is told is the difference to the run before the last.
    """
    runs: list[int] = []
    value, shift = 0, 0
    for letter in text:
        part = letter - 48
        if not 0 <= part < 64 or shift > 35:
            raise BadOutput("its runs are not COCO's text")
        value |= (part & 0x1F) << shift
        shift += 5
        if part & 0x20:
            continue
        if part & 0x10:
            value -= 1 << shift
        value += runs[-2] if len(runs) > 2 else 0
        if value < 0 or shift == 0:
            raise BadOutput("its runs are not COCO's text")
        runs.append(value)
        value, shift = 0, 0
    if shift:
        raise BadOutput("its runs end too early")
    return runs
