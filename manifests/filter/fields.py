"""What a filter can ask for: each field stands for columns of what is said of an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, NamedTuple


class Column(NamedTuple):
    """A column of the rows that describe an image, or of what is found in it."""

    table: Literal["finding", "media", "specimen"]
    name: str


class Kind(StrEnum):
    """How a field's values are compared."""

    TEXT = "text"
    TAXON = "taxon"
    DATE = "date"
    CODES = "codes"
    LICENSE = "license"
    PLACE = "place"
    WORDS = "words"
    CHOICE = "choice"
    NUMBER = "number"
    READ = "read"


_WHOLE = ("eq", "in", "exists", "prefix")
_OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: (*_WHOLE, "match"),
    Kind.TAXON: (*_WHOLE, "match", "below"),
    Kind.DATE: ("eq", "in", "range", "exists"),
    Kind.CODES: _WHOLE,
    Kind.LICENSE: _WHOLE,
    Kind.PLACE: ("exists", "box", "polygon"),
    Kind.WORDS: ("match",),
    Kind.CHOICE: ("eq", "in"),
    Kind.NUMBER: ("between", "exists"),
    Kind.READ: ("match",),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of filters.

    Attributes:
        name: Its name in filters.
        kind: How its values are compared.
        columns: Where they stand; a condition holds if it does for any of them.
        choices: The values that it can have, if they are these alone.
        qualifies: Whether it says more of a finding that is asked for beside it.
    """

    name: str
    kind: Kind
    columns: tuple[Column, ...]
    choices: tuple[str, ...] = ()
    qualifies: bool = False

    @property
    def operators(self) -> tuple[str, ...]:
        """Which conditions can be made of it."""
        return _OPERATORS[self.kind]


def _specimen(name: str, kind: Kind, *columns: str) -> Field:
    return Field(name, kind, tuple(Column("specimen", column) for column in columns))


def _media(name: str, kind: Kind, *columns: str) -> Field:
    return Field(name, kind, tuple(Column("media", column) for column in columns))


SCIENTIFIC_NAME = Column("specimen", "scientificName")
EVENT_DATE = Column("specimen", "eventDate")
YEAR = Column("specimen", "year")
READ_EVENT_DATE = Column("specimen", "interpretedEventDate")
READ_YEAR = Column("specimen", "interpretedYear")
LATITUDE = Column("specimen", "decimalLatitude")
LONGITUDE = Column("specimen", "decimalLongitude")
READ_LATITUDE = Column("specimen", "interpretedLatitude")
READ_LONGITUDE = Column("specimen", "interpretedLongitude")
SPDX = Column("media", "licenseSPDX")
FLAGS = (Column("specimen", "qualityFlags"), Column("media", "qualityFlags"))
READ_TYPE_STATUS = Column("specimen", "interpretedTypeStatus")
REVIEWS = Column("finding", "review")
# Columns that hold several values each, and what stands between these.
LISTS: Mapping[Column, str] = MappingProxyType(
    {**dict.fromkeys((*FLAGS, REVIEWS), " "), READ_TYPE_STATUS: " | "}
)
# What a field of kind LICENSE is said to have where its medium has no SPDX identifier.
UNKNOWN = "unknown"

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus")
_NAMES = ("scientificName", "interpretedName")
# The licence of the picture, never that of the record.
_LICENCE = ("license", "rights", "webStatement", "usageTerms")
_ADMINISTRATIVE = ("interpretedCountryCode", "countryCode", "country", "stateProvince", "county")
_FREE = ("municipality", "locality", "habitat", "occurrenceRemarks")
_NUMBERS = ("occurrenceID", "catalogNumber", "otherCatalogNumbers", "recordNumber")
_HOLDER = ("institutionCode", "institutionID", "collectionCode", "collectionID", "datasetName")
_DATES = tuple(column.name for column in (READ_EVENT_DATE, EVENT_DATE, READ_YEAR, YEAR))
_PLACES = tuple(column.name for column in (READ_LATITUDE, READ_LONGITUDE, LATITUDE, LONGITUDE))
_TEXT = (
    *RANKS, *_NAMES, "vernacularName", *_ADMINISTRATIVE, *_FREE, *_NUMBERS, *_HOLDER, READ_TYPE_STATUS.name,
    "typeStatus", "recordedBy", "identifiedBy",
)  # fmt: skip

_ALL = (
    _specimen("taxon", Kind.TAXON, *RANKS, *_NAMES),
    _specimen("collection", Kind.TEXT, "collectionCode", "collectionID"),
    _specimen("institution", Kind.TEXT, "institutionCode", "institutionID"),
    _specimen("country", Kind.TEXT, "interpretedCountryCode", "countryCode", "country"),
    _specimen("date", Kind.DATE, *_DATES),
    _specimen("typeStatus", Kind.TEXT, READ_TYPE_STATUS.name, "typeStatus"),
    _specimen("basisOfRecord", Kind.TEXT, "interpretedBasisOfRecord", "basisOfRecord"),
    _media("licence", Kind.TEXT, *_LICENCE),
    _media("license", Kind.LICENSE, SPDX.name, *_LICENCE),
    *(_specimen(rank, Kind.TEXT, rank) for rank in RANKS),
    _specimen("scientificName", Kind.TEXT, *_NAMES),
    *(_specimen(name, Kind.TEXT, name) for name in ("stateProvince", "county", "locality", "habitat")),
    *(_specimen(name, Kind.TEXT, name) for name in ("catalogNumber", "occurrenceID", "recordNumber")),
    *(_specimen(name, Kind.TEXT, name) for name in ("recordedBy", "identifiedBy", "datasetName")),
    _media("creator", Kind.TEXT, "creator"),
    _media("rightsHolder", Kind.TEXT, "rightsHolder"),
    Field("flag", Kind.CODES, FLAGS),
    _specimen("place", Kind.PLACE, *_PLACES),
    _specimen("text", Kind.WORDS, *_TEXT),
)

FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _ALL})


def _finding(
    name: str, kind: Kind, *columns: str, choices: tuple[str, ...] = (), qualifies: bool = True
) -> Field:
    return Field(name, kind, tuple(Column("finding", column) for column in columns), choices, qualifies)


MACHINE, HUMAN = "machine", "human"
ACCEPTED, UNREVIEWED = "accepted", "none"
_OF_FINDINGS = (
    _finding("has", Kind.CODES, "kind", "class", "term", qualifies=False),
    _finding("ocr", Kind.READ, "read", qualifies=False),
    _finding("says", Kind.READ, "text", qualifies=False),
    _finding("value", Kind.NUMBER, "value", qualifies=False),
    _finding("unit", Kind.CODES, "unit"),
    _finding("language", Kind.CODES, "language"),
    _finding("confidence", Kind.NUMBER, "confidence"),
    _finding("by", Kind.CODES, "name", "release", "analyzer", "agent"),
    _finding("finding", Kind.CHOICE, "maker", choices=(MACHINE, HUMAN)),
    _finding("review", Kind.CHOICE, REVIEWS.name, choices=(ACCEPTED, "rejected", "amended", UNREVIEWED)),
)
FINDING_FIELDS: Mapping[str, Field] = MappingProxyType({field.name: field for field in _OF_FINDINGS})
