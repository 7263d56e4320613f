"""A date on the label that cannot be the record's."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from typing import Final

from manifests.quality.dates import read_date
from manifests.quality.edtf import Span, span_of
from node.review.conflicts.model import Conflict, Label, Record, conflict_at

_ROMAN: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
# By how names of months begin in English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian
# languages and Latin; a point or the rest of the word may follow.
_BEGIN: Final = (
    ("jan", "jän", "janv", "ene", "gen"), ("feb", "fév", "fev", "febbr"), ("mar", "mär", "maart", "mrt"),
    ("apr", "avr", "abr"), ("may", "mai", "mei", "maj", "mag"), ("jun", "juin", "giu"),
    ("jul", "juil", "lug"), ("aug", "août", "aou", "ago"), ("sep", "set"), ("oct", "okt", "ott", "out"),
    ("nov",), ("dec", "dez", "déc", "dic"),
)  # fmt: skip
_YEAR: Final = r"(1[5-9]\d\d|20\d\d)"
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th|er|\.)?"
_BETWEEN: Final = r"[\s.,\-/–]*"
_NUMBERED: Final = re.compile(rf"(?<!\d)(\d{{1,2}})\s*[-./]\s*(\d{{1,2}})\s*[-./]\s*{_YEAR}(?!\d)", re.ASCII)
_ROMANS: Final = re.compile(rf"(?<![\da-z]){_DAY}[\s.\-/–]*([ivx]{{1,4}}){_BETWEEN}{_YEAR}(?!\d)")
_WORDED: Final = re.compile(
    rf"(?<![\da-z])(?:{_DAY}{_BETWEEN})?(?:de |of )?([a-zà-ÿ]{{3,10}}){_BETWEEN}(?:de |of )?{_YEAR}(?!\d)"
)
_MONTH_FIRST: Final = re.compile(rf"(?<![\da-z])([a-zà-ÿ]{{3,10}})\.?\s*{_DAY},?\s*{_YEAR}(?!\d)")
_ISO: Final = re.compile(rf"(?<!\d){_YEAR}[-./](\d\d?)[-./](\d\d?)(?!\d)", re.ASCII)
_ANY_YEAR: Final = re.compile(rf"(?<!\d){_YEAR}(?!\d)", re.ASCII)


def date_conflicts(record: Record, label: Label) -> Iterator[Conflict]:
    """The first date with a month in a line of collecting, if nothing on any line can be the record's."""
    recorded = (
        record.get("interpretedEventDate") or read_date(record.get("eventDate") or "") or record.get("year")
    )
    span = span_of(recorded) if recorded else None
    if not recorded or span is None:
        return
    if any(
        found.meets(span) for line in label.lines for found in (*dates_in(line.text), *years_in(line.text))
    ):
        return
    for line in label.collecting:
        if found := dates_in(line.text):
            yield conflict_at(line, "eventDate", "date-mismatch", _written(found[0]), recorded)
            return


def dates_in(text: str) -> list[Span]:
    """The dates in a text that tell a year and a month; each reading of those that have two."""
    small = unicodedata.normalize("NFC", text).casefold()
    found = [_span(y, m, d) for y, m, d in _ISO.findall(small)]
    for one, other, year in _NUMBERED.findall(small):
        found += [_span(year, other, one), _span(year, one, other)]
    found += [_span(y, str(_ROMAN.index(m) + 1), d) for d, m, y in _ROMANS.findall(small) if m in _ROMAN]
    for day, word, year in _WORDED.findall(small):
        found.append(_span(year, _month(word), day))
    for word, day, year in _MONTH_FIRST.findall(small):
        found.append(_span(year, _month(word), day))
    return [one for one in found if one is not None]


def years_in(text: str) -> list[Span]:
    """Years in a text: they may agree with a record, but contradict none."""
    return [Span(f"{year}-01-01", f"{year}-12-31") for year in _ANY_YEAR.findall(text)]


def _month(word: str) -> str:
    fits = [place for place, begins in enumerate(_BEGIN, 1) if word.startswith(begins)]
    return str(fits[0]) if len(fits) == 1 else ""


def _span(year: str, month: str, day: str) -> Span | None:
    if not month or not 1 <= int(month) <= 12:
        return None
    most = monthrange(int(year), int(month))[1]
    if day and not 1 <= int(day) <= most:
        return None
    first = f"{year}-{int(month):02}"
    return (
        Span(f"{first}-{int(day):02}", f"{first}-{int(day):02}")
        if day
        else Span(f"{first}-01", f"{first}-{most}")
    )


def _written(span: Span) -> str:
    return span.first if span.first == span.last else span.first[:7]
