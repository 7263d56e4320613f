"""A barcode that is none of the numbers of the records which its picture shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from node.review.conflicts.model import Conflict, Record, Said, conflict_at

_COLUMNS: Final = ("catalogNumber", "otherCatalogNumbers", "occurrenceID", "specimenURI", "references", "id")
_SEVERAL: Final = re.compile(r"[|;,]|\s{2,}")
_LEAST_DIGITS: Final = 3  # fewer are a shelf, a count or a colour chart
_PARTS: Final = re.compile(r"[A-Z]+|[0-9]+", re.ASCII)


def barcode_conflicts(records: Sequence[Record], codes: Sequence[Said]) -> Iterator[Conflict]:
    """Codes that look like numbers of specimens, where none in the picture is one of its records.

    One that fits is enough: beside it, a sheet may bear those of loans, former owners and other specimens.
    """
    numbers = [_number(one.text) for one in codes]
    likely = [(code, one) for code, one in zip(codes, numbers, strict=True) if _is_likely(one)]
    known = [(form, record) for record in records for form in _forms(record)]
    if not likely or not known:
        return
    for _, number in likely:
        if any(same_number(number, form, record) for form, record in known):
            return
    recorded = " | ".join(
        dict.fromkeys(str(one.get("catalogNumber")) for one in records if one.get("catalogNumber"))
    )
    if recorded:
        for code, _ in likely:
            yield conflict_at(code, "catalogNumber", "barcode-mismatch", code.text, recorded)


def same_number(one: str, other: str, record: Record) -> bool:
    """Whether two numbers, as `_number` writes them, are one.

    So are those that differ in leading zeros, or in whether they bear an acronym of the record's.
    """
    if _bare(one, record) == _bare(other, record):
        return True
    (letters, digits), (more, figures) = _halves(one), _halves(other)
    # A number without any letters is the other one, if that has but letters before it.
    return digits == figures and len(digits) >= _LEAST_DIGITS and "" in (letters, more)


def _forms(record: Record) -> Iterator[str]:
    for column in _COLUMNS:
        for text in _SEVERAL.split(record.get(column) or ""):
            if number := _number(text):
                yield number


def _number(text: str) -> str:
    """Letters and digits in upper case; of an address its last part."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if "://" in plain:
        plain = re.split(r"[/=#]", plain.rstrip("/"))[-1]
    return "".join(c for c in plain.upper() if c.isalnum())


def _is_likely(number: str) -> bool:
    return sum(c.isdigit() for c in number) >= _LEAST_DIGITS


def _bare(number: str, record: Record) -> str:
    """Without the acronyms of the record, and without leading zeros in any run of digits."""
    for column in ("institutionCode", "collectionCode"):
        code = _number(record.get(column) or "")
        if code and number.startswith(code) and len(number) > len(code):
            number = number.removeprefix(code)
    return "".join(part.lstrip("0") or "0" if part.isdigit() else part for part in _runs(number))


def _runs(number: str) -> list[str]:
    return re.findall(r"\d+|\D+", number)


def _halves(number: str) -> tuple[str, str]:
    """Letters in front, and the digits behind them without leading zeros; none where there is more."""
    found = re.fullmatch(r"(\D*)(\d+)", number)
    return (found[1], found[2].lstrip("0") or "0") if found else (number, "")
