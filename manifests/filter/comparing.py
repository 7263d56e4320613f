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


def days_of(
    event_date: str | None, year: str | None, *, read_date: str | None = None, read_year: str | None = None
) -> Days | None:
    """When a specimen was collected: by the first of these that can be read.

    Args:
        event_date: What was published, asked second.
        year: The published year, asked last.
        read_date: How the published date was interpreted, asked first.
        read_year: The interpreted year, asked third.
    """
    events = (_days_of_event(text) for text in (read_date, event_date))
    years = (_days_of_year(text) for text in (read_year, year))
    return next((days for days in (*events, *years) if days is not None), None)


def bound(text: str) -> Days | None:
    """What a year, month or day of a filter spans: all days that begin so. None if it is none of these."""
    if _BOUND.fullmatch(text) is None:
        return None
    return Days(text, text + "-99-99"[len(text) - 4 :])


def before(date: str) -> str | None:
    """The last date of the same precision before a year, month or day of a filter; None if there is none."""
    return _beside(date, -1)


def after(date: str) -> str | None:
    """The first date of the same precision after a year, month or day; None if there is none."""
    return _beside(date, 1)


def _beside(date: str, step: int) -> str | None:
    """Counts digits, for texts are compared: before month 01 there is a month 00, after it all up to 99."""
    number = int(date.replace("-", "")) + step
    digits = str(number).zfill(len(date.replace("-", "")))
    if number < 0 or len(digits) != len(date.replace("-", "")):
        return None
    return "-".join(part for part in (digits[:4], digits[4:6], digits[6:8]) if part)


def _days_of_year(text: str | None) -> Days | None:
    found = _YEAR.fullmatch(text.strip(" ")) if text is not None else None
    return None if found is None else Days(f"{found[0]}-01-01", f"{found[0]}-12-31")


def _days_of_event(text: str | None) -> Days | None:
    parts = _EVENT_DATE.fullmatch(text.strip(" ")) if text is not None else None
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
