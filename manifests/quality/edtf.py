"""EDTF (ISO 8601-2; Library of Congress 2019): the part of levels 0 and 1 that dates of collecting need.

Dates, intervals, seasons, unspecified digits (`X`), and the qualifiers `?`, `~`, `%`. No times of day, no
years of more than four digits, and intervals that are open at one side at most.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from typing import Final

OPEN: Final = ".."
_DATE: Final = re.compile(
    r"(?P<year>\d{4}|\d{3}X|\d{2}XX)(?:-(?P<month>\d\d|XX)(?:-(?P<day>\d\d|XX))?)?[?~%]?", re.ASCII
)
_SEASONS: Final = {"21": ("03", "05"), "22": ("06", "08"), "23": ("09", "11"), "24": ("12", "12")}


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a date may stand for, as `YYYY-MM-DD`; what is open has the first or last of all days."""

    first: str
    last: str

    @property
    def year(self) -> int | None:
        """The year that holds all of it."""
        return int(self.first[:4]) if self.first[:4] == self.last[:4] else None

    def meets(self, other: Span) -> bool:
        """Whether both may be true."""
        return self.first <= other.last and other.first <= self.last


def span_of(text: str) -> Span | None:
    """The days of an EDTF text; None if it is none, or names a day that no calendar has."""
    first, mark, last = text.partition("/")
    if not mark:
        return _span(text)
    spans = [Span("0000-01-01", "9999-12-31") if part == OPEN else _span(part) for part in (first, last)]
    if spans[0] is None or spans[1] is None or first == last == OPEN:
        return None
    found = Span(spans[0].first, spans[1].last)
    return found if spans[0].first <= spans[1].last else None


def _span(text: str) -> Span | None:
    if (found := _DATE.fullmatch(text)) is None:
        return None
    year, month, day = found["year"], found["month"] or "XX", found["day"] or "XX"
    if year == "0000" or ("X" in year and (month, day) != ("XX", "XX")):
        return None
    low, high = year.replace("X", "0"), year.replace("X", "9")
    if month in _SEASONS:
        start, end = _SEASONS[month]
        return Span(f"{low}-{start}-01", f"{high}-{end}-31") if found["day"] is None else None
    if month == "XX":
        return Span(f"{low}-01-01", f"{high}-12-31") if day == "XX" else None
    return _in_month(low, month, day)


def _in_month(year: str, month: str, day: str) -> Span | None:
    if not 1 <= int(month) <= 12:
        return None
    most = monthrange(int(year), int(month))[1]
    if day == "XX":
        return Span(f"{year}-{month}-01", f"{year}-{month}-{most}")
    return Span(f"{year}-{month}-{day}", f"{year}-{month}-{day}") if 1 <= int(day) <= most else None
