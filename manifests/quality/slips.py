"""Coordinates that are not where their record says: what is wrong, and which slip of the pen explains it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np

from manifests.quality.country import related
from manifests.quality.issues import Issue
from manifests.quality.land import NO_COUNTRY, Degrees, Land
from manifests.quality.step import Reading, Values

# Degrees. Coasts and borders of the shapes are off by a kilometre or two, and many coordinates are rounded.
NEAR: Final = 0.1
DEGREES: Final = r"[+-]?\d{1,4}(?:\.\d{0,30})?"
_PLAIN: Final = re.compile(DEGREES, re.ASCII)
Point = tuple[Decimal, Decimal]  # latitude, longitude


@dataclass(frozen=True, slots=True)
class _Slip:
    """A mistake that people make, and how it is undone: latitude and longitude as they were meant."""

    issues: tuple[Issue, ...]
    undo: Callable[[Any, Any], tuple[Any, Any]]


_LATITUDE, _LONGITUDE = Issue.PRESUMED_NEGATED_LATITUDE, Issue.PRESUMED_NEGATED_LONGITUDE
_SWAPPED: Final = Issue.PRESUMED_SWAPPED_COORDINATE
_SLIPS: Final = (
    _Slip((_LONGITUDE,), lambda lat, lon: (lat, -lon)),
    _Slip((_LATITUDE,), lambda lat, lon: (-lat, lon)),
    _Slip((_LATITUDE, _LONGITUDE), lambda lat, lon: (-lat, -lon)),
    _Slip((_SWAPPED,), lambda lat, lon: (lon, lat)),
    _Slip((_SWAPPED, _LATITUDE), lambda lat, lon: (-lon, lat)),
    _Slip((_SWAPPED, _LONGITUDE), lambda lat, lon: (lon, -lat)),
)


@dataclass(frozen=True, slots=True)
class Slips:
    """Reads coordinates one by one, and holds them against the map all at once.

    Attributes:
        shapes: Gives the land; asked when the first point is to be placed.
    """

    shapes: Callable[[], Land]

    def __call__(self, rows: Sequence[Values]) -> Sequence[Reading]:
        """A reading for each of some rows: latitude and longitude as published, and a country code.

        Returns:
            Latitude and longitude as they were meant, and the country, if need be that of the place.
        """
        readings: list[Reading | None] = [None] * len(rows)
        points: dict[int, Point] = {}
        for place, row in enumerate(rows):
            found = _before_the_map(*row)
            if isinstance(found, Reading):
                readings[place] = found
            else:
                points[place] = found
        placed = self._place(list(points.values()), [rows[place][2] for place in points])
        for place, reading in zip(points, placed, strict=True):
            readings[place] = reading
        return [reading for reading in readings if reading is not None]

    def _place(self, points: Sequence[Point], countries: Sequence[str | None]) -> list[Reading]:
        """Hold points in range against the map; then undo the slips of those that do not fit."""
        if not points:
            return []
        both = np.array(points, np.float64)
        at = self.shapes().at(both[:, 1], both[:, 0])
        around = self.shapes().near(both[:, 1], both[:, 0], NEAR)
        wrong = {p: said for p, said in enumerate(countries) if said and not _fits(around[p], said)}
        meant = self._undo(points, both, wrong)
        return [
            meant.get(place) or _judged(point, said, at[place], around[place])
            for place, (point, said) in enumerate(zip(points, countries, strict=True))
        ]

    def _undo(self, points: Sequence[Point], both: Degrees, wrong: dict[int, str]) -> dict[int, Reading]:
        """For each point that is not in its country, what it becomes by the first slip that puts it there."""
        meant: dict[int, Reading] = {}
        for slip in _SLIPS:
            places = np.array([place for place in wrong if place not in meant], np.int64)
            latitudes, longitudes = slip.undo(both[places, 0], both[places, 1])
            possible = (np.abs(latitudes) <= 90) & (np.abs(longitudes) <= 180)
            at = self.shapes().at(longitudes[possible], latitudes[possible])
            for place, here in zip(places[possible].tolist(), at, strict=True):
                if here and related(here, wrong[place]):
                    meant[place] = _reading(slip.undo(*points[place]), wrong[place], *slip.issues)
        return meant


def _before_the_map(latitude: str | None, longitude: str | None, country: str | None) -> Reading | Point:
    """A reading, or a point that is to be held against the map."""
    texts = [(text or "").strip() for text in (latitude, longitude)]
    if not any(texts):
        return Reading((None, None, country))
    if not all(texts):
        return Reading((None, None, country), (Issue.COORDINATE_INCOMPLETE,))
    if not all(_PLAIN.fullmatch(text) for text in texts):
        return Reading((None, None, country), (Issue.COORDINATE_INVALID,))
    point = (Decimal(texts[0]), Decimal(texts[1]))
    return Reading((None, None, country), (Issue.ZERO_COORDINATE,)) if not any(point) else point


def _in_range(point: Point) -> bool:
    return abs(point[0]) <= 90 and abs(point[1]) <= 180


def _fits(around: frozenset[str], said: str) -> bool:
    """Whether a place may be in a country, by the countries around it."""
    return any(here == NO_COUNTRY or related(here, said) for here in around)


def _judged(point: Point, said: str | None, at: str | None, around: frozenset[str]) -> Reading:
    """What is said of a point that is taken as it is."""
    if not _in_range(point):
        return Reading((None, None, said), (Issue.COORDINATE_OUT_OF_RANGE,))
    if not around:
        return _reading(point, said, Issue.COORDINATE_AT_SEA)
    if said is None:
        return _reading(point, at, Issue.COUNTRY_DERIVED_FROM_COORDINATES) if at else _reading(point, None)
    return _reading(point, said, *(() if _fits(around, said) else (Issue.COUNTRY_COORDINATE_MISMATCH,)))


def _reading(point: Point, country: str | None, *issues: Issue) -> Reading:
    latitude, longitude = (format(degrees, "f") for degrees in point)
    return Reading((latitude, longitude, country), issues)
