"""In which order lines are read: label by label, row by row. Pure.

Lines near to each other are one block: a label, a stamp, a caption. Blocks are read from the top, those that
begin at the same height from the left; in a block, lines beside each other are a row, and rows are read from
the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.text.detect import Slanted

_BELOW, _BESIDE = 0.8, 1.5  # how far lines of a block may be from each other, in heights of the lower one
_ROW: Final = 0.6  # how far middles of lines in a row may be from each other, in heights
Floats = npt.NDArray[np.float64]


def reading_order(lines: Sequence[Slanted]) -> list[list[int]]:
    """Blocks in the order in which they are read, each with the places of its lines in theirs."""
    if not lines:
        return []
    boxes = np.array([[*line.corners.min(0), *line.corners.max(0)] for line in lines], np.float64)
    heights = np.array([min(line.width, line.height) for line in lines])
    blocks: dict[int, list[int]] = {}
    for place, block in enumerate(_blocks(boxes, heights)):
        blocks.setdefault(block, []).append(place)
    found = [_rows(places, boxes, heights) for places in blocks.values()]
    return sorted(found, key=lambda places: (boxes[places, 1].min(), boxes[places, 0].min()))


def _blocks(boxes: Floats, heights: Floats) -> list[int]:
    """For each line the least place of a line of its block."""
    block = list(range(len(boxes)))

    def root(place: int) -> int:
        while block[place] != place:
            place = block[place]
        return place

    for place in range(len(boxes)):
        for other in np.flatnonzero(_near(boxes, heights, place)).tolist():
            first, second = sorted((root(place), root(other)))
            block[second] = first
    return [root(place) for place in range(len(boxes))]


def _near(boxes: Floats, heights: Floats, place: int) -> npt.NDArray[np.bool_]:
    lower = np.minimum(heights, heights[place])
    apart = np.maximum(boxes[:, :2] - boxes[place, 2:], boxes[place, :2] - boxes[:, 2:])
    near: npt.NDArray[np.bool_] = (apart[:, 0] < _BESIDE * lower) & (apart[:, 1] < _BELOW * lower)
    return near & ~((apart[:, 0] > 0) & (apart[:, 1] > 0))  # corner to corner is not beside nor below


def _rows(places: list[int], boxes: Floats, heights: Floats) -> list[int]:
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    rows: list[list[int]] = []
    for place in sorted(places, key=lambda place: (middles[place], boxes[place, 0])):
        if rows and middles[place] - middles[rows[-1][0]] < _ROW * min(heights[place], heights[rows[-1][0]]):
            rows[-1].append(place)
        else:
            rows.append([place])
    return [place for row in rows for place in sorted(row, key=lambda place: boxes[place, 0])]
