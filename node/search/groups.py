"""How a record is taken apart: columns whose values repeat together are kept once for each combination.

A record then has one number for each group, and a condition is judged on the combinations, which are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from manifests.filter.fields import FIELDS, Column


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that are kept together.

    Attributes:
        name: Of its table, and of its column in the table of units.
        columns: In the order by which its combinations are sorted.
    """

    name: str
    columns: tuple[Column, ...]

    @property
    def texts(self) -> tuple[Column, ...]:
        """Those whose words the full text has."""
        return tuple(column for column in self.columns if column in FIELDS["text"].columns)


def _specimen(name: str, *columns: str) -> Group:
    return Group(name, tuple(Column("specimen", column) for column in columns))


TAXON: Final = _specimen(
    "taxon", "kingdom", "phylum", "class", "order", "family", "genus", "scientificName", "interpretedName",
    "vernacularName",
)  # fmt: skip
AREA: Final = _specimen("area", "interpretedCountryCode", "countryCode", "country", "stateProvince", "county")
TIME: Final = _specimen("time", "interpretedEventDate", "eventDate", "interpretedYear", "year")
HOLDER: Final = _specimen(
    "holder", "institutionCode", "institutionID", "collectionCode", "collectionID", "datasetName"
)
STATUS: Final = _specimen(
    "status", "interpretedTypeStatus", "typeStatus", "interpretedBasisOfRecord", "basisOfRecord",
    "qualityFlags",
)  # fmt: skip
PERSON: Final = _specimen("person", "recordedBy", "identifiedBy")
RIGHTS: Final = Group(
    "rights",
    tuple(
        Column("media", name)
        for name in (
            "licenseSPDX", "license", "rights", "webStatement", "usageTerms", "creator", "rightsHolder",
            "qualityFlags",
        )
    ),
)  # fmt: skip
OF_SPECIMEN: Final = (TAXON, AREA, TIME, HOLDER, STATUS, PERSON)
GROUPS: Final = (*OF_SPECIMEN, RIGHTS)

# Columns in which nearly every record has a value of its own: kept with the record.
DETAIL: Final = _specimen(
    "detail", "catalogNumber", "otherCatalogNumbers", "recordNumber", "occurrenceID", "municipality",
    "locality", "habitat", "occurrenceRemarks",
)  # fmt: skip
assert len(DETAIL.columns) <= 8  # the bits of a UTINYINT
PLACE: Final = Group("place", FIELDS["place"].columns)
# What is found in images is kept with their pictures, and judged there.
FOUND: Final = Group("found", ())
_BY_COLUMN: Final = {column: group for group in (*GROUPS, DETAIL, PLACE) for column in group.columns}


def group_of(column: Column) -> Group:
    """Where a column of the filters is kept."""
    return _BY_COLUMN[column]


def said_bit(column: Column) -> int:
    """The bit of a unit's `said` that tells whether a column of the details has a value."""
    return 1 << DETAIL.columns.index(column)
