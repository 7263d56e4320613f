"""Coordinates made less exact: the cell of a fixed grid in which a place lies.

The same place always gives the same cell. A point that was moved at random could be averaged back from
several publications of it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import Final

_DEGREES = re.compile(r"[+-]?\d{1,3}(?:\.\d{0,40})?", re.ASCII)
_METRES = re.compile(r"\d{1,8}(?:\.\d{0,20})?", re.ASCII)
# The longest degree of WGS 84: of latitude at the poles, of longitude at the equator; in metres.
_LATITUDE_DEGREE: Final = 111_694
_LONGITUDE_DEGREE: Final = 111_320


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by its centre.

    Attributes:
        latitude: Decimal degrees, as text.
        longitude: Likewise.
        radius: Metres from the centre within which every place of the cell lies, in whole kilometres.
    """

    latitude: str
    longitude: str
    radius: int


def cell_of(latitude: str | None, longitude: str | None, size: Decimal) -> Cell | None:
    """The cell of a published place; None if it is not in plain decimal degrees, or not on the globe.

    Args:
        latitude: As published.
        longitude: As published.
        size: Of the cells, in degrees; it divides 90.
    """
    south, west = _edge(latitude, 90, size), _edge(longitude, 180, size)
    if south is None or west is None:
        return None
    nearest = min(abs(south), abs(south + size)) if south * (south + size) > 0 else Decimal(0)
    high = float(size) / 2 * _LATITUDE_DEGREE
    wide = float(size) / 2 * _LONGITUDE_DEGREE * math.cos(math.radians(float(nearest)))
    radius = math.ceil(math.hypot(high, wide) / 1000) * 1000
    return Cell(_text(south + size / 2), _text(west + size / 2), radius)


def widened(cell: Cell, uncertainty: str | None) -> int:
    """The radius that also holds a place known only to `uncertainty` metres, in whole kilometres."""
    text = (uncertainty or "").strip()
    own = math.ceil(float(text) / 1000) * 1000 if _METRES.fullmatch(text) else 0
    return cell.radius + own


def _edge(text: str | None, limit: int, size: Decimal) -> Decimal | None:
    """The southern or western edge of the cell."""
    plain = (text or "").strip()
    if not _DEGREES.fullmatch(plain) or abs(value := Decimal(plain)) > limit:
        return None
    # The pole and the date line belong to the last cell before them.
    return min((value / size).to_integral_value(ROUND_FLOOR) * size, limit - size)


def _text(degrees: Decimal) -> str:
    return format(degrees.normalize(), "f")
