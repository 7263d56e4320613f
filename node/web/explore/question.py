"""The question that an address asks: words of the box, values chosen beside it, a place on the map."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.datastructures import QueryParams

from hashstore.canonical import Json
from manifests.filter import Filter, parse_filter, read_filter

# What can be chosen beside the box, in this order.
CHOSEN: Final = ("family", "genus", "country", "decade", "institution", "collection", "typeStatus", "license")
COUNTED: Final = ("family", "country", "institution", "typeStatus", "license")
_WRITTEN_FILTER: Final = re.compile(r"[A-Za-z]\s*(?:[:~]|[<>]=?)|^\s*[({]|\b(?:AND|OR|NOT)\b")
_DECADE: Final = re.compile(r"[0-9]{3}0s", re.ASCII)
_MOST_VALUES: Final = 50
_LONGEST: Final = 16 * 1024
_CORNERS: Final = ("west", "south", "east", "north")
_DEGREES: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,10})?", re.ASCII)


class UnreadableQuestion(Exception):
    """An address asks for what cannot be; its message is for whoever typed it."""


class Corners(NamedTuple):
    """A part of the map, in degrees; its west may lie east of its east, across the antimeridian."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that was chosen of a facet."""

    facet: str
    value: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Attributes:
        words: What stands in the box.
        tree: All of it as a filter; None for all records.
        chosen: Values of facets.
        box: The chosen part of the map.
        images: Only records of which there is an image.
    """

    words: str
    tree: Filter | None
    chosen: tuple[Choice, ...]
    box: Corners | None
    images: bool


def read_question(query: QueryParams) -> Question:
    """Read the parameters of an address.

    Raises:
        FilterRefused: the box holds a filter with a mistake; the message points at it.
        UnreadableQuestion: a chosen value or place is none.
    """
    words = query.get("q", "")[:_LONGEST].strip()
    chosen = tuple(Choice(name, value) for name in CHOSEN for value in query.getlist(name) if value.strip())
    if len(chosen) > _MOST_VALUES:
        raise UnreadableQuestion(f"At most {_MOST_VALUES} values can be chosen at once.")
    box = _box(query.get("box", ""))
    parts = [*_asked(words), *_of_choices(chosen), *([{"box": {"field": "place", **box}}] if box else [])]
    # Read like any filter from outside, so that the same rules judge what was typed into an address.
    tree = parse_filter(json.dumps({"and": parts} if len(parts) > 1 else parts[0])) if parts else None
    corners = None if box is None else Corners(*(float(box[name]) for name in _CORNERS))
    return Question(words, tree, chosen, corners, query.get("images") == "yes")


def _asked(words: str) -> Iterator[Json]:
    """A filter, where somebody wrote one; plain words otherwise, all of which a record must have."""
    if words and _WRITTEN_FILTER.search(words):
        yield read_filter(words).document()
    elif words:
        yield {"match": {"field": "text", "value": words}}


def _of_choices(chosen: tuple[Choice, ...]) -> Iterator[Json]:
    """Values of one facet widen what is found, facets narrow it."""
    by_facet: dict[str, list[Json]] = {}
    for choice in chosen:
        by_facet.setdefault(choice.facet, []).append(_condition(choice))
    for parts in by_facet.values():
        yield {"or": parts} if len(parts) > 1 else parts[0]


def _condition(choice: Choice) -> Json:
    if choice.facet != "decade":
        return {"eq": {"field": choice.facet, "value": choice.value}}
    if not _DECADE.fullmatch(choice.value):
        raise UnreadableQuestion(f"{choice.value[:20]!r} is no decade; they are written like 1890s.")
    start = choice.value[:3]
    return {"range": {"field": "date", "from": f"{start}0", "to": f"{start}9"}}


def _box(text: str) -> dict[str, str] | None:
    if not text.strip():
        return None
    corners = [part.strip() for part in text.split(",")]
    if len(corners) != len(_CORNERS) or not all(map(_DEGREES.fullmatch, corners)):
        names = ", ".join(_CORNERS)
        raise UnreadableQuestion(f"A place has four numbers, {names}; {text[:60]!r} has not.")
    return dict(zip(_CORNERS, corners, strict=True))
