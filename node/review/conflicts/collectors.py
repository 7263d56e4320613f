"""A collector on the label who is none of the record's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from node.review.conflicts.model import Conflict, Label, Record, conflict_at, plain

_MARK: Final = re.compile(
    r"\b(?:legit|leg|collector|collected by|coll|col|sammler|récolteur|legerunt)\b\s*[.:]*\s*(.+)",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[^\W\d_]{3,}")
_LIKE: Final = 75.0  # of 100, by rapidfuzz: old labels spell as they like, and readers of print misread
_NO_NAMES: Final = frozenset(
    {"and", "und", "with", "the", "von", "van", "der", "den", "del", "ded", "det", "date"}
)


def collector_conflicts(record: Record, label: Label) -> Iterator[Conflict]:
    """The first name that is marked as the collector's, if nothing on any line is like a recorded one."""
    recorded = record.get("recordedBy") or ""
    wanted = _names(recorded)
    if not wanted:
        return
    words = plain(label.text).split()
    if any(_is_among(name, words) for name in wanted):
        return
    for line in label.collecting:
        if (found := _MARK.search(line.text)) and _names(found[1]):
            yield conflict_at(line, "recordedBy", "collector-mismatch", found[1].strip(), recorded)
            return


def _names(text: str) -> list[str]:
    """Words that may be family names: of three letters at least."""
    return [name for name in map(plain, _NAME.findall(text)) if name not in _NO_NAMES]


def _is_among(name: str, words: list[str]) -> bool:
    """Whether a name is like one of some words, or like two neighbours that should be one."""
    from rapidfuzz import fuzz, process

    pairs = [one + other for one, other in pairwise(words)]
    return process.extractOne(name, [*words, *pairs], scorer=fuzz.ratio, score_cutoff=_LIKE) is not None
