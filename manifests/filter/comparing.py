"""How values are compared, the same on every machine: no locale, no Unicode tables, no clock.

Only the letters A to Z lose their case, because what else has case, and how letters compose, changes from
one release of Unicode to the next, and with it the members of a slice would.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

BIG: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SMALL: Final = BIG.lower()
_SMALLER: Final = str.maketrans(BIG, SMALL)

# A name of more words is compared as a whole only.
MOST_WORDS: Final = 6

DATE_GROUPS: Final = ("y", "m", "d", "ey", "em", "ed", "sm", "sd", "od")
_TIME = "(?:T[^/]*)?"
# A date or an interval as Darwin Core's eventDate has it (ISO 8601-1). What both ends share may be left out
# of the second. Written in what RE2 and Python's re read alike.
EVENT_DATE_PATTERN: Final = (
    f"([0-9]{{4}})(?:(-[0-9]{{2}})(?:(-[0-9]{{2}}){_TIME})?)?"
    f"(?:/(?:([0-9]{{4}})(?:(-[0-9]{{2}})(?:(-[0-9]{{2}}){_TIME})?)?"
    f"|([0-9]{{2}})(-[0-9]{{2}}){_TIME}|([0-9]{{2}}){_TIME}))?"
)
YEAR_PATTERN: Final = "[0-9]{4}"
_EVENT_DATE: Final = re.compile(EVENT_DATE_PATTERN)
_YEAR: Final = re.compile(YEAR_PATTERN)
_BOUND: Final = re.compile("[0-9]{4}(?:-[0-9]{2}){0,2}")


class Days(NamedTuple):
    """First and last day, each as ten characters `YYYY-MM-DD`; compared as texts.

    Months all have 31 days here, and a month or day 00 is one like any other: texts are compared, no calendar
    is asked.
    """

    first: str
    last: str


def folded(value: str | None) -> str | None:
    """A value as it is compared: without spaces (U+0020) around it, A to Z small; None if nothing is left."""
    return None if value is None else value.strip(" ").translate(_SMALLER) or None


def days_of(event_date: str | None, year: str | None) -> Days | None:
    """When a specimen was collected: by its eventDate where that can be read, else by its year."""
    found = _days_of_event(event_date.strip(" ")) if event_date is not None else None
    if found is None and year is not None and _YEAR.fullmatch(year.strip(" ")):
        return Days(f"{year.strip(' ')}-01-01", f"{year.strip(' ')}-12-31")
    return found


def bound(text: str) -> Days | None:
    """What a year, month or day of a filter spans: all days that begin so. None if it is none of these."""
    if _BOUND.fullmatch(text) is None:
        return None
    return Days(text, text + "-99-99"[len(text) - 4 :])


def _days_of_event(text: str) -> Days | None:
    parts = _EVENT_DATE.fullmatch(text)
    if parts is None:
        return None
    values = (part or "" for part in parts.groups())
    year, month, day, end_year, end_month, end_day, same_month, same_day, only_day = values
    first, last = _whole(year, month, day)
    if (same_month or only_day) and not day:
        return None
    if end_year:
        last = _whole(end_year, end_month, end_day).last
    elif same_month:
        last = f"{year}-{same_month}{same_day}"
    elif only_day:
        last = f"{year}{month}-{only_day}"
    return Days(first, last) if first <= last else None


def _whole(year: str, month: str, day: str) -> Days:
    return Days(year + (month or "-01") + (day or "-01"), year + (month or "-12") + (day or "-31"))
