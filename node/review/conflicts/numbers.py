"""A collector's number on the label that is not the record's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from node.review.conflicts.model import Conflict, Label, Record, conflict_at

_MARKED: Final = re.compile(
    r"(?:\bno|\bnr|\bnum|\bcoll\.? no|№|n[°º])\s*[.:]*\s*([A-Z]{0,3}[- ]?\d{1,6}[a-z]?)\b", re.IGNORECASE
)
_DIGITS: Final = re.compile(r"\d+")


def number_conflicts(record: Record, label: Label) -> Iterator[Conflict]:
    """A number that is marked as such, the only one, where the record's stands nowhere on the label."""
    recorded = record.get("recordNumber") or ""
    wanted = _DIGITS.findall(recorded)
    if not wanted:
        return
    # A reader parts and joins figures: 1 257 829.
    text = re.sub(r"(?<=\d)[ .,](?=\d)", "", label.text)
    if any(digits.lstrip("0") in _numbers(one) for one in (label.text, text) for digits in wanted):
        return
    own = _numbers(" ".join(record.get(column) or "" for column in ("catalogNumber", "otherCatalogNumbers")))
    found = [
        (line, number)
        for line in label.collecting
        for number in _MARKED.findall(line.text)
        if not _numbers(number) & own
    ]
    if len({number for _, number in found}) == 1:
        line, number = found[0]
        yield conflict_at(line, "recordNumber", "number-mismatch", number, recorded)


def _numbers(text: str) -> set[str]:
    return {digits.lstrip("0") for digits in _DIGITS.findall(text)}
