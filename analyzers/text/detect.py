"""Where lines of text are, by PP-OCR's detector: Differentiable Binarization (Liao et al., AAAI 2020).

The network says of each point of the picture how likely it lies in the core of a line. Cores are the
connected parts above a threshold; the smallest rectangle around one, in any direction, is widened by as much
as cores were made narrower in training.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.models.session import Session
from analyzers.picture.picture import Pixels

_MULTIPLE: Final = 32
_CORE, _LEAST_MEAN, _WIDER = 0.3, 0.5, 1.6  # as PP-OCR was tuned
_LEAST_SIDE: Final = 3.0  # points of the network's map
MOST_LINES: Final = 1_000
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Slanted:
    """A rectangle in any direction.

    Attributes:
        corners: Upper left, upper right, lower right, lower left, as x and y in pixels (4 x 2); as the line
            is read, once it is known in which direction that is.
    """

    corners: Floats

    def turned(self, quarters: int) -> Slanted:
        """The same rectangle with its corners told so many quarters of a turn further on."""
        return Slanted(np.roll(self.corners, -quarters, axis=0))

    @property
    def width(self) -> float:
        """Length of the upper side in pixels."""
        return float(np.linalg.norm(self.corners[1] - self.corners[0]))

    @property
    def height(self) -> float:
        """Length of the left side in pixels."""
        return float(np.linalg.norm(self.corners[3] - self.corners[0]))


def find_lines(session: Session, pixels: Pixels, longest: int) -> list[Slanted]:
    """The rectangles of lines of text, in no particular order.

    Args:
        session: The detector.
        pixels: An upright RGB picture.
        longest: To how many pixels its longer side is made smaller for the detector.
    """
    height, width = pixels.shape[:2]
    scale = min(1.0, longest / max(height, width))
    sides = [max(_MULTIPLE, round(side * scale / _MULTIPLE) * _MULTIPLE) for side in (width, height)]
    (likely,) = session.run(x=network_input(resized(pixels, sides[0], sides[1])))
    back = np.array([width / sides[0], height / sides[1]], np.float32)
    return [Slanted(ordered(corners * back)) for corners in _rectangles(likely[0, 0])]


def network_input(pixels: Pixels) -> Floats:
    """Values from -1 to 1, blue before red as these networks learned them, colours first."""
    scaled = (pixels[:, :, ::-1].astype(np.float32) / 255 - 0.5) / 0.5
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    """By Pillow, whose filter counts every pixel and works in whole numbers."""
    from PIL import Image

    whole = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(whole.resize((width, height), Image.Resampling.BILINEAR), np.uint8)


def _rectangles(likely: Floats) -> Iterator[Floats]:
    import cv2

    cores = cv2.dilate((likely > _CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(cores, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines[:MOST_LINES]:
        rectangle = cv2.minAreaRect(outline)
        centre, (width, height), angle = rectangle
        if min(width, height) < _LEAST_SIDE or _mean_within(likely, rectangle) < _LEAST_MEAN:
            continue
        wider = width * height * _WIDER / (2 * (width + height))
        whole = (centre, (width + 2 * wider, height + 2 * wider), angle)
        yield np.asarray(cv2.boxPoints(whole), np.float32)


def _mean_within(likely: Floats, rectangle: Any) -> float:
    import cv2

    corners = cv2.boxPoints(rectangle)
    low = np.clip(np.floor(corners.min(0)).astype(int), 0, None)
    high = np.ceil(corners.max(0)).astype(int) + 1
    part = likely[low[1] : high[1], low[0] : high[0]]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [np.round(corners - low).astype(np.int32)], 1)
    return float(part[inside > 0].mean(dtype=np.float64)) if inside.any() else 0.0


def ordered(corners: Floats) -> Floats:
    """Four corners clockwise, from the one that is upper left when the line is read by a standing person.

    Of the rectangle's four directions the line's is taken to be the one nearest to the horizontal. A line
    that is far higher than wide is taken to be written upward or downward; `recognise` finds out which.
    """
    middle = corners.mean(0)
    turn = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    around = corners[np.argsort(turn, kind="stable")]
    steps = np.roll(around, -1, axis=0) - around
    slant = np.abs(np.arctan2(steps[:, 1], steps[:, 0]))
    return np.roll(around, -int(slant.argmin()), axis=0)
