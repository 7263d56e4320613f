"""What both written forms of a filter are held to; whatever is wrong is refused with its place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from hashstore.canonical import Json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import FilterRefused
from manifests.filter.comparing import bound, folded
from manifests.filter.fields import FIELDS, FINDING_FIELDS, Field, Kind
from manifests.filter.findings import number
from manifests.filter.places import MOST_LATITUDE, MOST_LONGITUDE, asked_steps
from manifests.filter.words import MOST_WORDS_ASKED, words_asked

LONGEST_TEXT: Final = 64 * 1024  # bytes
DEEPEST: Final = 16
MOST_NODES: Final = 256
LONGEST_LIST: Final = 10_000
MOST_CORNERS: Final = 500

_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")
_HALF: Final = re.compile("[\ud800-\udfff]")


def check_field(name: Json, where: str, *, of_finding: bool = False) -> Field:
    """The field of that name: of records, or of findings."""
    fields, others = (FINDING_FIELDS, FIELDS) if of_finding else (FIELDS, FINDING_FIELDS)
    if isinstance(name, str) and name in fields:
        return fields[name]
    shown = repr(name[:40]) if isinstance(name, str) else "this"
    if isinstance(name, str) and name in others:
        raise FilterRefused(where, f"{shown} {_MISPLACED[of_finding]}")
    near = get_close_matches(name[:40], [*fields, *others], 1) if isinstance(name, str) else []
    told = ", ".join(fields if of_finding else (*FIELDS, *FINDING_FIELDS))
    hint = f"did you mean {near[0]!r}" if near else f"there are {told}"
    raise FilterRefused(where, f"{shown} is no field; {hint}")


_MISPLACED: Final = {
    True: "is asked of a record, and what stands in finding(...) is asked of a finding",
    False: 'is asked of a finding; it stands within "finding"',
}


def check_operator(field: Field, operator: str, where: str) -> None:
    """See that a field can be asked so."""
    if operator not in field.operators:
        takes = ", ".join(field.operators)
        raise FilterRefused(where, f"{field.name} cannot be asked with {operator!r}; it takes {takes}")


def check_value(field: Field, value: Json, where: str) -> str:
    """A value to compare with."""
    text = _check_text(value, where)
    if folded(text) is None:
        raise FilterRefused(
            where, 'the text is empty; to ask whether there is a value, use "exists" (field:*)'
        )
    if field.choices and folded(text) not in field.choices:
        raise FilterRefused(where, f"{text[:40]!r} is none of {', '.join(field.choices)}")
    if field.kind is Kind.NUMBER and number(text) is None:
        raise FilterRefused(where, f"{text[:40]!r} is no number; write it like 12 or -0.25")
    if field.kind is Kind.DATE and bound(text) is None:
        raise FilterRefused(where, f"{text[:40]!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    return text


def check_list(values: Sequence[object], where: str) -> None:
    """See that a list is not too long."""
    if len(values) > LONGEST_LIST:
        problem = f"a list has at most {LONGEST_LIST} values; this one has {len(values)}"
        raise FilterRefused(where, problem)


def check_words(field: Field, value: Json, where: str) -> str:
    """A text whose words are asked for."""
    text = _check_text(value, where)
    count = len(words_asked(field, text))
    if count == 0:
        raise FilterRefused(where, "the text has no word: no letter and no digit")
    if count > MOST_WORDS_ASKED:
        raise FilterRefused(where, f"at most {MOST_WORDS_ASKED} words can be asked; these are {count}")
    return text


def check_digest(value: Json, where: str) -> Digest:
    """The digest of a checklist."""
    text = _check_text(value, where)
    try:
        digest = Digest.parse(text)
    except HashstoreError:
        digest = None
    if digest is None or digest.uri != text:
        raise FilterRefused(where, f"{text[:80]!r} is no digest of a checklist; write hash://sha256/...")
    return digest


def check_degrees(value: Json, where: str, *, latitude: bool) -> str:
    """A coordinate in decimal degrees."""
    text = _check_text(value, where)
    if asked_steps(text, MOST_LATITUDE if latitude else MOST_LONGITUDE) is None:
        name, most = ("latitude", 90) if latitude else ("longitude", 180)
        problem = f"{text[:40]!r} is no {name}; write degrees from -{most} to {most} with up to 7 decimals"
        raise FilterRefused(where, problem)
    return text


def check_corners(corners: Sequence[object], where: str) -> None:
    """See that a polygon has neither too few corners nor too many."""
    if not 3 <= len(corners) <= MOST_CORNERS:
        raise FilterRefused(where, f"a polygon has 3 to {MOST_CORNERS} corners; this one has {len(corners)}")


def check_parallels(south: str, north: str, where: str) -> None:
    """See that the box is not upside down."""
    if (asked_steps(south, MOST_LATITUDE) or 0) > (asked_steps(north, MOST_LATITUDE) or 0):
        raise FilterRefused(where, "the south of a box lies north of its north")


def check_size(data: bytes, where: str) -> None:
    """See that a filter's text is not too long."""
    if len(data) > LONGEST_TEXT:
        raise FilterRefused(where, f"a filter has at most {LONGEST_TEXT} bytes; this one has {len(data)}")


def check_count(nodes: int, where: str) -> None:
    """See that there are not too many conditions."""
    if nodes > MOST_NODES:
        raise FilterRefused(where, f"a filter has at most {MOST_NODES} conditions and connectives")


def check_depth(depth: int, where: str) -> None:
    """See that nothing is nested too deep."""
    if depth > DEEPEST:
        raise FilterRefused(where, f"a filter is nested at most {DEEPEST} levels deep")


def _check_text(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise FilterRefused(where, "it must be a text")
    if _CONTROL.search(value):
        raise FilterRefused(where, "the text holds a control character")
    if _HALF.search(value):
        raise FilterRefused(where, "the text holds half of a character")
    return value
