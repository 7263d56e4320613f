"""The pieces of which a mask consists: single specimens of a drawer, plants of a sheet. And their shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.opencv import cv2

Inside = npt.NDArray[np.bool_]
_GAP: Final = 0.006  # of the shorter side: legs and wings that stand off belong to their specimen
_SMALL: Final = 0.12  # of the median piece's area: crumbs, pins, dirt


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece.

    Attributes:
        x: Left of its bounds, in pixels.
        y: Top of its bounds.
        inside: Which pixels of its bounds are its own.
    """

    x: int
    y: int
    inside: Inside


@dataclass(frozen=True, slots=True)
class Shape:
    """How a piece is shaped, in pixels.

    Attributes:
        length: Of the smallest rectangle around it, laid in any direction.
        width: Of that rectangle.
        perimeter: Of its outline, holes not counted.
        solidity: Its area over that of its convex hull.
        corners: Of that rectangle, as x, y.
    """

    length: float
    width: float
    perimeter: float
    solidity: float
    corners: npt.NDArray[np.float64]


def pieces(inside: Inside) -> list[Piece]:
    """The pieces of a mask, from top to bottom and left to right, without crumbs."""
    gap = max(3, int(min(inside.shape) * _GAP) | 1)
    near = cv2.morphologyEx(inside.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    count, marks, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    if count < 2:
        return []
    area = stats[1:, cv2.CC_STAT_AREA]
    # Of many crumbs the median is a crumb; the middle of the area lies in a piece worth the name.
    order = np.sort(area)
    usual = float(order[np.searchsorted(np.cumsum(order), order.sum() / 2)])
    found = []
    for one in np.flatnonzero(area >= _SMALL * usual) + 1:
        x, y, width, height = (int(side) for side in stats[one, :4])
        cut = slice(y, y + height), slice(x, x + width)
        found.append(Piece(x, y, (marks[cut] == one) & inside[cut]))
    return sorted(found, key=lambda piece: (piece.y, piece.x))


def shape_of(piece: Piece) -> Shape:
    """The shape of the largest part of a piece."""
    outlines, _ = cv2.findContours(piece.inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=lambda one: (cv2.contourArea(one), len(one)))
    # An outline runs through the middles of the outermost pixels: half a pixel is missing on each side.
    rectangle = cv2.minAreaRect(outline)
    length, width = max(rectangle[1]) + 1, min(rectangle[1]) + 1
    hull = max(1.0, cv2.contourArea(cv2.convexHull(outline)))
    corners = cv2.boxPoints(rectangle).astype(np.float64) + np.array([piece.x, piece.y])
    solidity = min(1.0, cv2.contourArea(outline) / hull)
    return Shape(length, width, cv2.arcLength(outline, True), solidity, corners)
