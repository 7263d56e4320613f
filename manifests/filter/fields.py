"""What a filter can ask for: each field stands for columns of the specimen or media row of an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class Column(NamedTuple):
    """A column of one of the two tables whose rows describe an image."""

    table: Literal["media", "specimen"]
    name: str


class Kind(StrEnum):
    """How a field's values are compared."""

    TEXT = "text"
    TAXON = "taxon"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of filters.

    Attributes:
        name: Its name in filters.
        kind: How its values are compared.
        columns: Where they stand; a condition holds if it does for any of them.
    """

    name: str
    kind: Kind
    columns: tuple[Column, ...]

    @property
    def operators(self) -> tuple[str, ...]:
        """Which conditions can be made of it."""
        if self.kind is Kind.DATE:
            return ("eq", "in", "range", "exists")
        return ("eq", "in", "exists", "prefix")


def _specimen(name: str, kind: Kind, *columns: str) -> Field:
    return Field(name, kind, tuple(Column("specimen", column) for column in columns))


SCIENTIFIC_NAME = Column("specimen", "scientificName")
EVENT_DATE = Column("specimen", "eventDate")
YEAR = Column("specimen", "year")

_RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")
_ALL = (
    _specimen("taxon", Kind.TAXON, *_RANKS, SCIENTIFIC_NAME.name),
    _specimen("collection", Kind.TEXT, "collectionCode", "collectionID"),
    _specimen("institution", Kind.TEXT, "institutionCode", "institutionID"),
    _specimen("country", Kind.TEXT, "countryCode", "country"),
    _specimen("date", Kind.DATE, EVENT_DATE.name, YEAR.name),
    _specimen("typeStatus", Kind.TEXT, "typeStatus"),
    _specimen("basisOfRecord", Kind.TEXT, "basisOfRecord"),
    # The licence is that of the picture, never that of the record.
    Field(
        "licence",
        Kind.TEXT,
        tuple(Column("media", name) for name in ("license", "rights", "webStatement", "usageTerms")),
    ),
)

FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _ALL})
