"""In which order lines are read: label by label, row by row. Pure.

Lines near to each other are one block: a label, a stamp, a caption. A block through which an empty strip goes
from top to bottom, with two lines or more on either side, is two blocks: labels that touch. Blocks are read
from the top, those that begin at the same height from the left; in a block, lines beside each other are a
row, and rows are read from the top. Of a block that is written upward all this is as its reader sees it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.text.detect import Slanted

_BELOW, _BESIDE = 0.8, 1.5  # how far lines of a block may be from each other, in heights of the lower one
_ROW: Final = 0.6  # how far middles of lines in a row may be from each other, in heights
_STRIP: Final = 0.5  # how wide an empty strip is at least, in heights
_MARGIN: Final = 0.2  # how far a line's rectangle reaches beyond its letters, in heights
Floats = npt.NDArray[np.float64]


def reading_order(lines: Sequence[Slanted]) -> list[list[int]]:
    """Blocks in the order in which they are read, each with the places of its lines in theirs.

    Args:
        lines: Their corners told as each is read.
    """
    if not lines:
        return []
    boxes = _boxes(lines, 0)
    heights = np.array([line.height for line in lines])
    blocks: dict[int, list[int]] = {}
    for place, block in enumerate(_blocks(boxes, heights)):
        blocks.setdefault(block, []).append(place)
    found = [part for places in blocks.values() for part in _read(places, lines, heights)]
    return sorted(found, key=lambda places: (boxes[places, 1].min(), boxes[places, 0].min()))


def _read(places: list[int], lines: Sequence[Slanted], heights: Floats) -> Iterator[list[int]]:
    """The blocks that a group of lines is, each in order, looked at in the direction of most of its lines."""
    turns = Counter(_quarters(lines[place]) for place in places)
    seen = _boxes(lines, min(turns, key=lambda quarters: (-turns[quarters], quarters)))
    for part in _columns(places, seen, heights):
        yield _rows(part, seen, heights)


def _quarters(line: Slanted) -> int:
    """In which direction a line is read: 0 to the right, 1 downward, 2 to the left, 3 upward."""
    across, down = line.corners[1] - line.corners[0]
    return round(float(np.arctan2(down, across)) / (np.pi / 2)) % 4


def _boxes(lines: Sequence[Slanted], quarters: int) -> Floats:
    """Left, upper, right and lower edge of each line, when the picture is turned back by so many quarters."""
    corners = np.array([line.corners for line in lines], np.float64)
    for _ in range(quarters):
        corners = np.stack([corners[:, :, 1], -corners[:, :, 0]], axis=2)
    return np.concatenate([corners.min(1), corners.max(1)], axis=1)


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


def _columns(places: list[int], boxes: Floats, heights: Floats) -> Iterator[list[int]]:
    """The parts between empty strips from top to bottom."""
    order = sorted(places, key=lambda place: (boxes[place, 0], boxes[place, 1]))
    least, margin = _STRIP * float(np.median(heights[places])), _MARGIN * heights
    starts, ends = boxes[:, 0] + margin, boxes[:, 2] - margin
    for number in range(2, len(order) - 1):
        left, right = order[:number], order[number:]
        if starts[right].min() - ends[left].max() > least:
            yield left
            yield from _columns(right, boxes, heights)
            return
    yield places


def _rows(places: list[int], boxes: Floats, heights: Floats) -> list[int]:
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    rows: list[list[int]] = []
    for place in sorted(places, key=lambda place: (middles[place], boxes[place, 0])):
        if rows and middles[place] - middles[rows[-1][0]] < _ROW * min(heights[place], heights[rows[-1][0]]):
            rows[-1].append(place)
        else:
            rows.append([place])
    return [place for row in rows for place in sorted(row, key=lambda place: boxes[place, 0])]
