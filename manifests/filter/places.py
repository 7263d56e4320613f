"""Where a specimen was collected, in whole steps of 10^-7 degree: no rounding differs anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, NamedTuple

DIGITS: Final = 7
COORDINATE_GROUPS: Final = ("sign", "whole", "rest")
# Written in what RE2 and Python's re read alike.
COORDINATE_PATTERN: Final = r"([+-]?)([0-9]{1,3})(?:\.([0-9]+))?"
MOST_LATITUDE: Final = 90 * 10**DIGITS
MOST_LONGITUDE: Final = 180 * 10**DIGITS
_COORDINATE: Final = re.compile(COORDINATE_PATTERN)
_ASKED: Final = re.compile(rf"-?[0-9]{{1,3}}(?:\.[0-9]{{1,{DIGITS}}})?")


class Point(NamedTuple):
    """A place, in steps of 10^-7 degree east and north."""

    x: int
    y: int


class Edge(NamedTuple):
    """A side of a polygon, from its southern end to its northern one."""

    south: Point
    north: Point


def point_of(latitude: str | None, longitude: str | None) -> Point | None:
    """A place out of two published values; None unless both can be read and are on the globe."""
    y, x = _steps(latitude, MOST_LATITUDE), _steps(longitude, MOST_LONGITUDE)
    return None if x is None or y is None else Point(x, y)


def asked_steps(text: str, most: int) -> int | None:
    """A coordinate of a filter, in steps; None if it is none. No more digits are taken than count."""
    return _steps(text, most) if _ASKED.fullmatch(text) else None


def edges_of(corners: Iterable[Point]) -> Iterator[Edge]:
    """The sides of a polygon, the last corner to the first among them; none that runs due east or west."""
    points = tuple(corners)
    for start, end in pairwise((*points, points[0])):
        if start.y != end.y:
            yield Edge(start, end) if start.y < end.y else Edge(end, start)


def inside(point: Point, edges: Iterable[Edge]) -> bool:
    """Whether an odd number of sides lies to the east, on a flat map; exact, in whole numbers.

    A side counts if the point lies west of it, and neither south of its southern end, nor north of its
    northern one, nor level with that.
    """
    return sum(_is_west_of(point, edge) for edge in edges) % 2 == 1


def _is_west_of(point: Point, edge: Edge) -> bool:
    (x1, y1), (x2, y2) = edge
    # No number here is beyond 2^63, so databases come to the same.
    return y1 <= point.y < y2 and (point.x - x1) * (y2 - y1) < (point.y - y1) * (x2 - x1)


def _steps(text: str | None, most: int) -> int | None:
    parts = _COORDINATE.fullmatch(text.strip(" ")) if text is not None else None
    if parts is None:
        return None
    sign, whole, rest = parts.groups()
    steps = int(whole + (rest or "")[:DIGITS].ljust(DIGITS, "0"))
    return (-steps if sign == "-" else steps) if steps <= most else None
