"""Facets: how many of the records that fit have each value, counted exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from manifests.filter.fields import LISTS, RANKS, Column
from node.index.ddl import quoted
from node.search.database import Query
from node.search.groups import AREA, HOLDER, PERSON, RIGHTS, STATUS, TAXON, TIME, Group
from node.search.matched import Matched
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
        listed: Whether a combination may have several values.
    """

    name: str
    group: Group
    value: str
    key: str
    shown: str
    listed: bool = False


def _of(name: str, group: Group, *columns: str) -> Facet:
    found = [Column("media" if group is RIGHTS else "specimen", column) for column in columns]
    value = key = f"coalesce({', '.join(map(alias, found))})"
    shown = f"coalesce({', '.join(_shown(column) for column in found)})"
    listed = found[0] in LISTS
    if listed:
        key, shown = (f"unnest(string_split({text}, '{LISTS[found[0]]}'))" for text in (key, shown))
    return Facet(name, group, value, key, shown, listed)


def _shown(column: Column) -> str:
    return f"nullif(trim({quoted(column.name)}, ' '), '')"


def _time(name: str, digits: int, rest: str = "") -> Facet:
    start = f"{FIRST_DAY}[1:{digits}]"
    whole = f"CASE WHEN {start} = {LAST_DAY}[1:{digits}] THEN {start} || '{rest}' END"
    return Facet(name, TIME, whole, whole, whole)


_ALL: Final = (
    *(_of(rank, TAXON, rank) for rank in RANKS),
    _of("scientificName", TAXON, "interpretedName", "scientificName"),
    _of("country", AREA, "interpretedCountryCode", "countryCode", "country"),
    _of("stateProvince", AREA, "stateProvince"),
    _of("institution", HOLDER, "institutionCode", "institutionID"),
    _of("collection", HOLDER, "collectionCode", "collectionID"),
    _of("datasetName", HOLDER, "datasetName"),
    _time("century", 2, "00s"),
    _time("decade", 3, "0s"),
    _time("year", 4),
    _of("typeStatus", STATUS, "interpretedTypeStatus", "typeStatus"),
    _of("basisOfRecord", STATUS, "interpretedBasisOfRecord", "basisOfRecord"),
    _of("flag", STATUS, "qualityFlags"),
    _of("recordedBy", PERSON, "recordedBy"),
    _of("license", RIGHTS, "licenseSPDX"),
)
FACETS: Mapping[str, Facet] = MappingProxyType({facet.name: facet for facet in _ALL})
USUAL: Final = ("family", "country", "decade", "institution", "license")


@dataclass(frozen=True, slots=True)
class Counted:
    """The commonest values of a facet.

    Attributes:
        name: Of the facet.
        values: Each with its records, the most first.
        distinct: How many values there are in all.
        missing: Records without a value.
    """

    name: str
    values: tuple[tuple[str, int], ...]
    distinct: int
    missing: int

    def document(self) -> dict[str, Any]:
        """As it is told to programs."""
        return {
            "facet": self.name,
            "values": [{"value": value, "records": records} for value, records in self.values],
            "distinct": self.distinct,
            "missing": self.missing,
        }


_COUNT: Final = """
SELECT arg_max(shown, n) AS shown, sum(n)::BIGINT AS records, count(*) OVER () AS different
FROM ({parts}) GROUP BY key ORDER BY records DESC, key LIMIT $most
"""
_PART: Final = """
SELECT {facet.key} AS key, {facet.shown} AS shown, n, id
FROM ({counted}) c JOIN {facet.group.name} USING (id) WHERE {facet.value} IS NOT NULL
"""
# A value that stands twice in one list counts once; between two separators may stand nothing.
_ONCE: Final = """
SELECT key, any_value(shown) AS shown, any_value(n) AS n, id FROM ({parts}) WHERE key <> '' GROUP BY key, id
"""
# Of a record with several units, each value counts once, however many of them have it.
_SEVERAL: Final = """
SELECT key, any_value(shown) AS shown, count(DISTINCT number) AS n, 0 AS id
FROM (SELECT {facet.key} AS key, {facet.shown} AS shown, number
    FROM {units} u JOIN {facet.group.name} r ON r.id = u.rights WHERE NOT lone AND {facet.value} IS NOT NULL)
GROUP BY key
"""


def count(query: Query, matched: Matched, names: Sequence[str], most: int) -> tuple[Counted, ...]:
    """Count the records that fit by each of some facets.

    Args:
        query: The question that this is part of.
        matched: What fits.
        names: Names out of `FACETS`.
        most: How many values of each facet are told.
    """
    return tuple(_counted(query, matched, FACETS[name], most) for name in names)


def _counted(query: Query, matched: Matched, facet: Facet, most: int) -> Counted:
    parts = _PART.format(facet=facet, counted=matched.by(facet.group))
    if facet.listed:
        parts = _ONCE.format(parts=parts)
    if facet.group is RIGHTS and matched.several:
        parts += " UNION ALL " + _SEVERAL.format(facet=facet, units=matched.units)
    rows = query.rows(_COUNT.format(parts=parts), {"most": most})
    known = _records(query, matched, facet)
    return Counted(
        facet.name,
        tuple((row["shown"], row["records"]) for row in rows),
        rows[0]["different"] if rows else 0,
        matched.total - known,
    )


def _records(query: Query, matched: Matched, facet: Facet) -> int:
    """How many records have a value at all."""
    tables = f"({matched.by(facet.group)}) c JOIN {facet.group.name} USING (id)"
    found = (
        query.rows(f"SELECT sum(n)::BIGINT AS n FROM {tables} WHERE {facet.value} IS NOT NULL")[0]["n"] or 0
    )
    if facet.group is RIGHTS and matched.several:
        several = f"{matched.units} u JOIN {facet.group.name} r ON r.id = u.rights"
        test = f"NOT lone AND {facet.value} IS NOT NULL"
        found += query.rows(f"SELECT count(DISTINCT number) AS n FROM {several} WHERE {test}")[0]["n"]
    return int(found)
