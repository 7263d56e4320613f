"""Even patches of about one size that stand in a grid: what colour charts and grey wedges look like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.opencv import cv2

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
_STEEPEST: Final = 18  # of 255 within a patch, from one pixel to the next
_SMALLEST: Final = 6  # pixels
_ALIKE: Final = 1.45  # sides of two patches of one chart differ by less than this factor
_LEAST: Final = 6  # patches of a chart


@dataclass(frozen=True, slots=True)
class Grid:
    """Patches that stand in rows and columns.

    Attributes:
        cells: Row and column of each that was seen.
        start: Where the middle of the cell at row 0, column 0 is, as x, y.
        across: From one column to the next, as x, y.
        down: From one row to the next, as x, y.
        side: The shorter side of a patch, in pixels.
    """

    cells: npt.NDArray[np.int64]
    start: Floats
    across: Floats
    down: Floats
    side: float

    def middle(self, row: float, column: float) -> Floats:
        """The middle of a cell, as x, y."""
        return self.start + row * self.down + column * self.across


def grids(pixels: Pixels) -> Iterator[Grid]:
    """The grids of patches in a picture, those of most patches first."""
    boxes = _boxes(pixels)
    for members in sorted(_groups(boxes), key=lambda one: (-len(one), one[0])):
        if len(members) >= _LEAST and (grid := _grid(boxes[members])) is not None:
            yield grid


def _boxes(pixels: Pixels) -> Floats:
    """Even areas that nearly fill their bounds, as middle x, middle y, width, height."""
    smooth = cv2.medianBlur(pixels, 3)
    steep = cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(2)
    _, _, stats, _ = cv2.connectedComponentsWithStats((steep < _STEEPEST).astype(np.uint8), connectivity=4)
    wide, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    filled = stats[:, cv2.CC_STAT_AREA] / np.maximum(wide * tall, 1)
    largest = max(pixels.shape[:2]) / 6
    keep = (np.minimum(wide, tall) >= _SMALLEST) & (np.maximum(wide, tall) <= largest) & (filled >= 0.78)
    keep &= (wide < 2.2 * tall) & (tall < 2.2 * wide)
    keep[0] = False
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    found: Floats = np.stack([left + (wide - 1) / 2, top + (tall - 1) / 2, wide, tall], 1)[keep]
    return found.astype(np.float64)


def _groups(boxes: Floats) -> list[list[int]]:
    """Boxes that are linked, from neighbour to neighbour, by size and by standing side by side."""
    group = list(range(len(boxes)))

    def head(one: int) -> int:
        while group[one] != one:
            group[one] = group[group[one]]
            one = group[one]
        return one

    for one, box in enumerate(boxes):
        for other in np.flatnonzero(_beside(box, boxes[one + 1 :])).tolist():
            group[head(one + 1 + other)] = head(one)
    found: dict[int, list[int]] = {}
    for one in range(len(boxes)):
        found.setdefault(head(one), []).append(one)
    return list(found.values())


def _beside(box: Floats, others: Floats) -> npt.NDArray[np.bool_]:
    alike = np.ones(len(others), bool)
    for side in (2, 3):
        alike &= (others[:, side] < _ALIKE * box[side]) & (box[side] < _ALIKE * others[:, side])
    apart = np.abs(others[:, :2] - box[:2])
    near = 1.75 * box[2:] + 3
    along_row = (apart[:, 0] < near[0]) & (apart[:, 1] < 0.3 * box[3])
    along_column = (apart[:, 1] < near[1]) & (apart[:, 0] < 0.3 * box[2])
    found: npt.NDArray[np.bool_] = alike & (along_row | along_column)
    return found


def _grid(boxes: Floats) -> Grid | None:
    """The grid on which some boxes stand; None if they stand on none."""
    size = np.median(boxes[:, 2:], 0)
    steps = [_step(boxes, axis, size) for axis in (0, 1)]
    across = steps[0] if steps[0] is not None else np.array([size[0] * 1.15, 0.0])
    down = steps[1] if steps[1] is not None else np.array([0.0, size[1] * 1.15])
    for _ in range(3):
        basis = np.stack([down, across])  # row, column -> y and x
        place = _solved(boxes[:, :2] - boxes[0, :2], basis)
        cells = np.round(place).astype(np.int64)
        cells -= cells.min(0)
        start, down, across = _fitted(cells, boxes[:, :2], down, across)
    off = np.abs(boxes[:, :2] - (start + cells[:, :1] * down + cells[:, 1:] * across)).max(1)
    good = off < 0.3 * size.min()
    if good.sum() < _LEAST or len(np.unique(cells[good], axis=0)) < 0.8 * len(boxes):
        return None
    return Grid(cells[good], start, across, down, float(size.min()))


def _step(boxes: Floats, axis: int, size: Floats) -> Floats | None:
    """The usual way from a box to the next along an axis."""
    apart = boxes[None, :, :2] - boxes[:, None, :2]
    near = (apart[:, :, axis] > 0.6 * size[axis]) & (apart[:, :, axis] < 1.75 * size[axis] + 3)
    near &= np.abs(apart[:, :, 1 - axis]) < 0.3 * size[1 - axis]
    return np.median(apart[near], 0) if near.any() else None


def _solved(places: Floats, basis: Floats) -> Floats:
    """Coordinates of places in a basis of two vectors."""
    (a, b), (c, d) = basis
    whole = a * d - b * c
    x, y = places[:, 0], places[:, 1]
    return np.stack([(x * d - y * c) / whole, (y * a - x * b) / whole], 1)


def _fitted(
    cells: npt.NDArray[np.int64], middles: Floats, down: Floats, across: Floats
) -> tuple[Floats, Floats, Floats]:
    """Least squares for start, way down and way across; what one row or column cannot tell stays."""
    columns = [np.ones(len(cells))]
    vary = [bool(np.ptp(cells[:, axis])) for axis in (0, 1)]
    columns += [cells[:, axis].astype(np.float64) for axis in (0, 1) if vary[axis]]
    found = iter(np.linalg.lstsq(np.stack(columns, 1), middles, rcond=None)[0])
    start = next(found)
    return start, next(found) if vary[0] else down, next(found) if vary[1] else across
