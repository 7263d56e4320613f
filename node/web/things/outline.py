"""A region as the path of an SVG, in pixels of the upright image."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from analyzers.region import Box, Grid, Mask, Point, Polygon, Region

_CROSS: Final = 12  # pixels from the middle of a point to the ends of its cross
_MOST_RUNS: Final = 4_000  # of a mask; a finer one is drawn as its rectangle


def outline(region: Region) -> str | None:
    """The path; None for a grid, which has no pixels of its own."""
    match region:
        case Box(x, y, width, height):
            return f"M{x},{y}h{width}v{height}h{-width}Z"
        case Point(x, y):
            return f"M{x - _CROSS},{y}h{2 * _CROSS}M{x},{y - _CROSS}v{2 * _CROSS}"
        case Polygon(points):
            return "M" + "L".join(f"{x},{y}" for x, y in points) + "Z"
        case Mask(box, runs):
            return outline(box) if len(runs) > _MOST_RUNS else "".join(_stripes(box, runs))
        case Grid():
            return None


def _stripes(box: Box, runs: tuple[int, ...]) -> Iterator[str]:
    """A mask row by row: where pixels are inside, a stripe one pixel high."""
    for place, (start, length) in enumerate(zip(accumulate((0, *runs)), runs, strict=False)):
        while place % 2 and length:
            row, column = divmod(start, box.width)
            part = min(length, box.width - column)
            yield f"M{box.x + column},{box.y + row}h{part}v1h{-part}Z"
            start, length = start + part, length - part
