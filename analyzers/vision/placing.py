"""From places in an array to regions of the picture that it was cut from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzers.picture.picture import Picture
from analyzers.region import Box, Mask, Polygon


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the pixels of an array lie in their picture.

    Attributes:
        x: Of the array's first column.
        y: Of the array's first row.
        width: Of the array.
        height: Of the array.
    """

    x: int
    y: int
    width: int
    height: int

    def polygon(self, points: Iterable[tuple[float, float]]) -> Polygon:
        """An outline, its corners moved to the nearest pixel within the array."""
        return Polygon(
            tuple(
                (
                    self.x + min(max(round(float(x)), 0), self.width - 1),
                    self.y + min(max(round(float(y)), 0), self.height - 1),
                )
                for x, y in points
            )
        )

    def box(self, x: float, y: float, width: float, height: float) -> Box:
        """The rectangle of whole pixels around a rectangle, within the array."""
        left, top = max(0, int(np.floor(x))), max(0, int(np.floor(y)))
        right = min(self.width, int(np.ceil(x + width)))
        bottom = min(self.height, int(np.ceil(y + height)))
        return Box(self.x + left, self.y + top, max(1, right - left), max(1, bottom - top))

    def mask(self, inside: npt.NDArray[np.bool_], x: int = 0, y: int = 0) -> Mask:
        """The pixels of an array of booleans, whose first lies at `x`, `y` of this one."""
        height, width = inside.shape
        flat = np.concatenate([[False], inside.ravel()])
        edges = np.flatnonzero(np.diff(flat))
        runs = np.diff(np.concatenate([[0], edges, [inside.size]]))
        kept = runs if runs[-1] or len(runs) == 1 else runs[:-1]
        return Mask(Box(self.x + x, self.y + y, width, height), tuple(int(run) for run in kept))


def placing(picture: Picture, pixels: npt.NDArray[np.uint8]) -> Placing:
    """Where the pixels of a picture lie in it: all of it, or the bounds of its region."""
    bounds = picture.region.bounds if picture.region else None
    x, y = (bounds.x, bounds.y) if bounds else (0, 0)
    return Placing(x, y, pixels.shape[1], pixels.shape[0])
