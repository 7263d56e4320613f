"""Regions as rows of pixels: a pixel is in a polygon if its middle is (even-odd rule); whole numbers only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from manifests.dataset.member import Region

Row = npt.NDArray[np.uint8]
Span = tuple[int, int]


def mask_rows(width: int, height: int, shapes: tuple[tuple[Region, int], ...]) -> Iterator[Row]:
    """The rows of a mask from top to bottom; of regions that overlap, the last one shows.

    Args:
        width: Of the image, in pixels.
        height: Likewise.
        shapes: Regions with the value of their pixels, 1 to 255.
    """
    for y in range(height):
        row = np.zeros(width, np.uint8)
        for region, value in shapes:
            for start, stop in _spans(region, y):
                row[max(start, 0) : max(stop, 0)] = value
        yield row


def _spans(region: Region, y: int) -> Iterator[Span]:
    """Where a region crosses a row: from a column up to another."""
    if not region.polygon:
        assert region.box is not None
        left, top, width, height = region.box
        if top <= y < top + height:
            yield left, left + width
        return
    crossings = sorted(_crossings(region, y))
    yield from zip(crossings[::2], crossings[1::2], strict=True)


def _crossings(region: Region, y: int) -> Iterator[int]:
    """The first column whose middle lies right of each edge that crosses the middle of row `y`."""
    corners = region.polygon
    for (x, top), (across, bottom) in zip(corners, (*corners[1:], corners[0]), strict=True):
        low, high = min(top, bottom), max(top, bottom)
        if low <= y < high:  # the middle, y + 1/2, lies between whole numbers: no edge ends there
            # The edge meets that middle at x + part / whole; half a column less, rounded up.
            part, whole = (across - x) * (2 * y + 1 - 2 * top), 2 * (bottom - top)
            yield -((whole - 2 * (x * whole + part)) // (2 * whole))
