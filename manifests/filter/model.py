"""The tree of a filter: frozen values, and their one written form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from manifests.filter.fields import Field


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; so it holds where there are none."""

    parts: tuple[Filter, ...]

    def document(self) -> Json:
        """The tree as JSON."""
        return {"and": [part.document() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds; so nothing fits where there are none."""

    parts: tuple[Filter, ...]

    def document(self) -> Json:
        """The tree as JSON."""
        return {"or": [part.document() for part in self.parts]}


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; so what has no value fits the negation of any condition on it."""

    part: Filter

    def document(self) -> Json:
        """The tree as JSON."""
        return {"not": self.part.document()}


@dataclass(frozen=True, slots=True)
class Eq:
    """The field has this value; a taxon also where it lies below it, a date where it lies within it."""

    field: Field
    value: str

    def document(self) -> Json:
        """The tree as JSON."""
        return {"eq": {"field": self.field.name, "value": self.value}}


@dataclass(frozen=True, slots=True)
class In:
    """`Eq` for at least one of the values."""

    field: Field
    values: tuple[str, ...]

    def document(self) -> Json:
        """The tree as JSON."""
        return {"in": {"field": self.field.name, "values": list(self.values)}}


@dataclass(frozen=True, slots=True)
class Range:
    """The whole of the field's time lies between two dates, both included; None leaves a side open."""

    field: Field
    first: str | None
    last: str | None

    def document(self) -> Json:
        """The tree as JSON."""
        ends = {"from": self.first, "to": self.last}
        given = {name: end for name, end in ends.items() if end is not None}
        return {"range": {"field": self.field.name, **given}}


@dataclass(frozen=True, slots=True)
class Exists:
    """The field has a value that can be read; a licence, if it has an SPDX identifier."""

    field: Field

    def document(self) -> Json:
        """The tree as JSON."""
        return {"exists": {"field": self.field.name}}


@dataclass(frozen=True, slots=True)
class Prefix:
    """A value of the field begins so."""

    field: Field
    value: str

    def document(self) -> Json:
        """The tree as JSON."""
        return {"prefix": {"field": self.field.name, "value": self.value}}


@dataclass(frozen=True, slots=True)
class Match:
    """Every word of the value is among the words of the field's columns, in whichever of them."""

    field: Field
    value: str

    def document(self) -> Json:
        """The tree as JSON."""
        return {"match": {"field": self.field.name, "value": self.value}}


@dataclass(frozen=True, slots=True)
class Below:
    """`In` for all names that a checklist has for a taxon, its synonyms and all that lies below it."""

    field: Field
    value: str
    checklist: Digest

    def document(self) -> Json:
        """The tree as JSON."""
        return {"below": {"field": self.field.name, "value": self.value, "checklist": self.checklist.uri}}


@dataclass(frozen=True, slots=True)
class Box:
    """The place lies between two meridians, from west to east, and two parallels; its sides included.

    Where west is the greater, the box reaches over the 180th meridian. All are decimal degrees, as written.
    """

    field: Field
    west: str
    south: str
    east: str
    north: str

    def document(self) -> Json:
        """The tree as JSON."""
        sides = {"west": self.west, "south": self.south, "east": self.east, "north": self.north}
        return {"box": {"field": self.field.name, **sides}}


@dataclass(frozen=True, slots=True)
class Polygon:
    """The place lies within a polygon: corners as longitude and latitude in decimal degrees, as written."""

    field: Field
    corners: tuple[tuple[str, str], ...]

    def document(self) -> Json:
        """The tree as JSON."""
        return {"polygon": {"field": self.field.name, "corners": [list(corner) for corner in self.corners]}}


@dataclass(frozen=True, slots=True)
class Between:
    """A number lies between two others; None leaves a side open. All are plain decimals, as written.

    Attributes:
        field: Whose number.
        first: The least.
        last: The greatest.
        over: Whether `first` itself is not meant.
        under: Whether `last` itself is not meant.
    """

    field: Field
    first: str | None = None
    last: str | None = None
    over: bool = False
    under: bool = False

    def document(self) -> Json:
        """The tree as JSON."""
        ends = {"over" if self.over else "from": self.first, "under" if self.under else "to": self.last}
        given = {name: end for name, end in ends.items() if end is not None}
        return {"between": {"field": self.field.name, **given}}


@dataclass(frozen=True, slots=True)
class OneFinding:
    """There is a finding in the image for which the part holds: all of it for the same one.

    Attributes:
        part: Conditions on findings alone.
    """

    part: Filter

    def document(self) -> Json:
        """The tree as JSON."""
        return {"finding": self.part.document()}


Leaf: TypeAlias = Eq | In | Below | Range | Exists | Prefix | Match | Box | Polygon | Between
Filter: TypeAlias = And | Or | Not | OneFinding | Leaf


def filter_text(tree: Filter) -> str:
    """The filter's one written form (RFC 8785)."""
    return canonical_json(tree.document()).decode()
