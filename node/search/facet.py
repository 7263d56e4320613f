"""What can be counted by: each facet takes its values out of one group of columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from manifests.filter.fields import LISTS, RANKS, Column
from node.index.ddl import quoted
from node.search.found import FOUND
from node.search.groups import AREA, HOLDER, PERSON, RIGHTS, STATUS, TAXON, TIME, Group
from node.slices.columns import FIRST_DAY, LAST_DAY, alias


@dataclass(frozen=True, slots=True)
class Facet:
    """Something to count by.

    Attributes:
        name: Its name.
        group: Where its values are kept.
        value: SQL of the value; null where there is none.
        key: SQL of what is counted together.
        shown: SQL of how it is written.
        kept: Whether each unit has the number of its value, so that counting looks nowhere else.
    """

    name: str
    group: Group
    value: str
    key: str
    shown: str
    kept: bool

    @property
    def listed(self) -> bool:
        """Whether a combination may have several values."""
        return self.key != self.value

    @property
    def code(self) -> str:
        """The column with the number of its value, in combinations and units."""
        return f"f_{self.name}"


def _of(name: str, group: Group, *columns: str, kept: bool = True) -> Facet:
    found = [Column("media" if group is RIGHTS else "specimen", column) for column in columns]
    value = key = f"coalesce({', '.join(map(alias, found))})"
    shown = f"coalesce({', '.join(_shown(column) for column in found)})"
    if found[0] in LISTS:
        key, shown = (f"unnest(string_split({text}, '{LISTS[found[0]]}'))" for text in (key, shown))
    return Facet(name, group, value, key, shown, kept and key == value)


def _shown(column: Column) -> str:
    return f"nullif(trim({quoted(column.name)}, ' '), '')"


def _time(name: str, digits: int, rest: str = "") -> Facet:
    start = f"{FIRST_DAY}[1:{digits}]"
    whole = f"CASE WHEN {start} = {LAST_DAY}[1:{digits}] THEN {start} || '{rest}' END"
    return Facet(name, TIME, whole, whole, whole, kept=True)


_ALL: Final = (
    *(_of(rank, TAXON, rank) for rank in RANKS),
    _of("scientificName", TAXON, "interpretedName", "scientificName", kept=False),
    _of("country", AREA, "interpretedCountryCode", "countryCode", "country"),
    _of("stateProvince", AREA, "stateProvince", kept=False),
    _of("institution", HOLDER, "institutionCode", "institutionID"),
    _of("collection", HOLDER, "collectionCode", "collectionID"),
    _of("datasetName", HOLDER, "datasetName"),
    _time("century", 2, "00s"),
    _time("decade", 3, "0s"),
    _time("year", 4),
    _of("typeStatus", STATUS, "interpretedTypeStatus", "typeStatus"),
    _of("basisOfRecord", STATUS, "interpretedBasisOfRecord", "basisOfRecord"),
    _of("flag", STATUS, "qualityFlags"),
    _of("recordedBy", PERSON, "recordedBy", kept=False),
    _of("license", RIGHTS, "licenseSPDX"),
)
FACETS: Mapping[str, Facet] = MappingProxyType({facet.name: facet for facet in _ALL})
FACET_NAMES: Final = (*FACETS, *FOUND)
USUAL: Final = ("family", "country", "decade", "institution", "license")
