"""The map as SVG: the land as one picture, cells as circles that are links: no script is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

from node.search.places import Cell
from node.web.explore.question import Corners
from node.web.explore.view import WORLD

_LEAST: Final = 0.18  # of a cell's side: the radius of the circle of one record
_SPAN: Final = 12  # a click shows a part of the map as many cells wide


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle.

    Attributes:
        x: Its middle, in degrees east of the antimeridian.
        y: In degrees south of the north pole.
        radius: In degrees.
        records: How many records were collected there.
        box: The part of the map that a click chooses, as the address has it.
    """

    x: float
    y: float
    radius: float
    records: int
    box: str


@dataclass(frozen=True, slots=True)
class Map:
    """What is drawn.

    Attributes:
        view: The viewBox.
        spots: The circles, the fullest last, so that small ones do not hide behind it.
        wider: The next wider part; None if all of it is shown.
    """

    view: str
    spots: tuple[Spot, ...]
    wider: str | None


def draw(cells: Sequence[Cell], side: float, box: Corners | None) -> Map:
    """Lay cells out.

    Args:
        cells: The cells.
        side: Of each, in degrees.
        box: The part that is shown; None for all.
    """
    shown = _shown(box or WORLD)
    most = max((cell.records for cell in cells), default=1)
    spots = sorted((_spot(cell, side, most) for cell in cells), key=lambda spot: spot.records)
    wide, high = shown.east - shown.west, shown.north - shown.south
    view = f"{shown.west + 180:g} {90 - shown.north:g} {wide:g} {high:g}"
    return Map(view, tuple(spots), None if box is None else _wider(box))


def _shown(box: Corners) -> Corners:
    """The part with the map's own proportions around it; a part across the antimeridian shows all."""
    if box.east <= box.west:
        return WORLD
    wide, high = box.east - box.west, max(box.north - box.south, 0.01)
    wide, high = max(wide, 2 * high), max(high, wide / 2)
    middle_x, middle_y = (box.west + box.east) / 2, (box.south + box.north) / 2
    wide, high = min(wide, 360.0), min(high, 180.0)
    west = min(max(middle_x - wide / 2, -180.0), 180.0 - wide)
    south = min(max(middle_y - high / 2, -90.0), 90.0 - high)
    return Corners(west, south, west + wide, south + high)


def _spot(cell: Cell, side: float, most: int) -> Spot:
    share = _LEAST + (0.5 - _LEAST) * sqrt(cell.records / most)
    x, y = cell.west + side / 2, cell.south + side / 2
    return Spot(
        x + 180, 90 - y, share * side, cell.records, _around(x, y, side * _SPAN / 2, side * _SPAN / 4)
    )


def _around(x: float, y: float, across: float, along: float) -> str:
    corners = (max(x - across, -180), max(y - along, -90), min(x + across, 180), min(y + along, 90))
    return ",".join(f"{corner:.4f}".rstrip("0").rstrip(".") for corner in corners)


def _wider(box: Corners) -> str | None:
    """Five times as wide; nothing if that is everything."""
    if box.east <= box.west or box.east - box.west > 150:
        return None
    x, y = (box.west + box.east) / 2, (box.south + box.north) / 2
    across = (box.east - box.west) * 2.5
    return _around(x, y, across, across / 2) if across < 180 else None
