"""When a specimen was collected: `eventDate` as EDTF, held against year, month and day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from manifests.quality.edtf import OPEN, Span, span_of
from manifests.quality.issues import Issue
from manifests.quality.step import Reading

_EARLIEST: Final = "1600-01-01"  # GBIF calls an earlier one unlikely
_UNSAID: Final = frozenset(
    {"", "0", "00", "0000", "unknown", "s.d.", "sd", "n.d.", "nd", "none", "null", "na", "n/a"}
)
_TIME: Final = re.compile(r"(?<=\d)[T ]\d{1,2}:\d\d[^/]*", re.ASCII)
_NUMBERS: Final = re.compile(r"(\d{4})[-./](\d{1,2})(?:[-./](\d{1,2}))?([?~%]?)", re.ASCII)
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_ORDINAL: Final = re.compile(r"(\d{4})-(\d{3})", re.ASCII)
_TAIL: Final = re.compile(r"(?:(\d\d)-)?(\d\d)", re.ASCII)  # 2007-11-13/15: what differs at the end
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})", re.ASCII)
_WORDS: Final = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-. ]+)?([a-z]{3,9})\.?[-, ]+(?:(\d{1,2})(?:st|nd|rd|th)?,? +)?(\d{4})"
)
_ABOUT: Final = re.compile(r"(?:c|ca|circa|about)\.? *(\d{4}(?:-\d\d)?)")
_BEFORE: Final = re.compile(r"(?:before|pre|<) *(\d{4}(?:-\d\d(?:-\d\d)?)?)")
_AFTER: Final = re.compile(r"(?:after|post|>) *(\d{4}(?:-\d\d(?:-\d\d)?)?)")
# As Java prints a moment: Fri Mar 01 00:00:00 CET 1935
_JAVA: Final = re.compile(r"[a-z]{3} ([a-z]{3}) (\d\d) \d\d:\d\d:\d\d (?:[a-z]+|[-+]\d{4}) (\d{4})")
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FULL: Final = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dates:
    """Reads the date of collecting.

    Attributes:
        today: `YYYY-MM-DD`; nothing was collected after it.
    """

    today: str

    def __call__(self, event: str | None, year: str | None, month: str | None, day: str | None) -> Reading:
        """What `eventDate`, `year`, `month` and `day` mean.

        Returns:
            EDTF text, and the year if all of it lies in one.
        """
        said = read_date(event or "")
        parts = _of_parts(_whole_year(said, year), month, day)
        issues = [] if said is not None and (said or parts is not None) else [Issue.RECORDED_DATE_INVALID]
        found = said or parts
        if not found:
            return Reading((None, None), tuple(issues))
        span = span_of(found)
        assert span is not None
        if said and not _agree(span, parts):
            issues.append(Issue.RECORDED_DATE_MISMATCH)
        if span.first > self.today or (span.first < _EARLIEST and not found.startswith(OPEN)):
            issues.append(Issue.RECORDED_DATE_UNLIKELY)
        return Reading((found, span.year), tuple(issues))


def _whole_year(said: str | None, year: str | None) -> str | None:
    """The year; 68 beside an eventDate of 1968 is that year."""
    text = (year or "").strip()
    if said and 1 <= len(text) <= 2 and text.isdecimal() and said[2:4] == text.zfill(2):
        return said[:4]
    return year


def _agree(span: Span, parts: str | None) -> bool:
    """Whether year, month and day, if they are there, may be those of a date."""
    other = span_of(parts) if parts else None
    return parts == "" or (other is not None and span.meets(other))


def read_date(text: str) -> str | None:
    """A date as people publish it, as EDTF; an empty text if it says nothing, None if it cannot be read."""
    if found := _JAVA.fullmatch(text.strip().casefold()):
        text = f"{found[2]} {found[1]} {found[3]}"
    plain = _TIME.sub("", text.strip()).strip()
    if plain.casefold() in _UNSAID or (plain and not plain.strip("0-/ ")):
        return ""
    return next((found for found in _forms(plain) if span_of(found) is not None), None)


def _forms(text: str) -> Iterator[str]:
    if "/" in text:
        yield from _interval(*text.split("/", 1))
    yield text.upper() if "x" in text else text
    yield from _single(text)
    small = text.casefold()
    if found := _ABOUT.fullmatch(small):
        yield found[1] + "~"
    if found := _BEFORE.fullmatch(small):
        yield f"{OPEN}/{found[1]}"
    if found := _AFTER.fullmatch(small):
        yield f"{found[1]}/{OPEN}"


def _single(text: str) -> Iterator[str]:
    if found := _NUMBERS.fullmatch(text):
        yield _joined(found[1], found[2], found[3]) + found[4]
    elif found := _COMPACT.fullmatch(text):
        yield _joined(*found.groups())
    elif found := _ORDINAL.fullmatch(text):
        yield from _of_ordinal(int(found[1]), int(found[2]))
    elif found := _DAY_FIRST.fullmatch(text):
        yield from _day_first(*found.groups())
    elif found := _WORDS.fullmatch(text.casefold()):
        yield from _of_words(found[1] or found[3], found[2], found[4])


def _interval(start: str, end: str) -> Iterator[str]:
    first = next((form for form in (start, *_single(start)) if span_of(form) is not None), None)
    if first is None:
        return
    ends = [end, *_single(end)]
    if tail := _TAIL.fullmatch(end):
        ends.append(
            "-".join(first.split("-")[: -2 if tail[1] else -1] + [part for part in tail.groups() if part])
        )
    for last in ends:
        if last == OPEN or span_of(last) is not None:
            yield first if first == last else f"{first}/{last}"


def _of_ordinal(year: int, number: int) -> Iterator[str]:
    from datetime import date, timedelta

    if year and 1 <= number <= 366:
        found = date(year, 1, 1) + timedelta(number - 1)
        if found.year == year:
            yield found.isoformat()


def _day_first(one: str, other: str, year: str) -> Iterator[str]:
    """Which of two is the month can be told if the other is more than 12, or if they are the same."""
    first, second = int(one), int(other)
    if first == second or second <= 12 < first:
        yield _joined(year, other, one)
    elif first <= 12 < second:
        yield _joined(year, one, other)


def _of_words(day: str | None, month: str, year: str) -> Iterator[str]:
    places = [
        place
        for place, name in enumerate(_FULL, 1)
        if name == month or (name.startswith(month) and month[:3] in _MONTHS)
    ]
    if len(places) == 1:
        yield _joined(year, str(places[0]), day)


def _of_parts(year: str | None, month: str | None, day: str | None) -> str | None:
    """The date that the three columns give; empty without a year, None where they give no date."""
    said = [(text or "").strip().removesuffix(".0") for text in (year, month, day)]
    given = ["" if text.casefold() in _UNSAID else text for text in said]
    if not given[0]:
        return ""
    if given[1].casefold()[:3] in _MONTHS:
        given[1] = str(_MONTHS.index(given[1].casefold()[:3]) + 1)
    if len(given[0]) != 4 or not all(text.isdecimal() and text.isascii() for text in given if text):
        return None
    found = _joined(*given)
    return found if span_of(found) is not None else None


def _joined(year: str, month: str | None, day: str | None) -> str:
    """Year, month and day with dashes, as far as they are there and not nought."""
    text = year.zfill(4)
    for part in (month, day):
        if not part or not int(part):
            break
        text += f"-{int(part):02}"
    return text
