"""Facets: how many of the records that fit have each value, counted exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.search.database import Query
from node.search.facet import FACETS, Facet
from node.search.found import FOUND
from node.search.groups import RIGHTS
from node.search.matched import Matched


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


_COMMONEST: Final = """
SELECT shown, found.records, count(*) OVER () AS different, (sum(found.records) OVER ())::BIGINT AS known
FROM (
    SELECT {key} AS key, sum(n)::BIGINT AS records {forms} FROM ({counted}) WHERE {key} IS NOT NULL GROUP BY 1
) AS found
{labels} ORDER BY found.records DESC, key LIMIT $most
"""
_LEFT: Final = """
SELECT code, records - coalesce(n, 0) AS n FROM label_{name} LEFT JOIN ({counted}) USING (code)
WHERE records > coalesce(n, 0)
"""
# Of a record with several units, each licence counts once, however many of them have it.
_BY_RIGHTS: Final = """
SELECT {facet.code} AS code, count(*) AS n FROM {units} WHERE lone GROUP BY code
UNION ALL SELECT {facet.code} AS code, count(DISTINCT number) AS n FROM {units} WHERE NOT lone GROUP BY code
"""
# A value that stands twice in one list counts once; between two separators may stand nothing.
_LISTED: Final = """
SELECT key, min(shown) AS shown, any_value(n) AS n FROM (
    SELECT id, n, {facet.key} AS key, {facet.shown} AS shown
    FROM ({counted}) JOIN {facet.group.name} USING (id) WHERE {facet.value} IS NOT NULL
) WHERE key <> '' GROUP BY id, key
"""


def count(query: Query, matched: Matched, names: Sequence[str], most: int) -> tuple[Counted, ...]:
    """Count the records that fit by each of some facets.

    Args:
        query: The question that this is part of.
        matched: What fits.
        names: Names out of `FACETS` and `FOUND`.
        most: How many values of each facet are told.
    """
    wanted = tuple(dict.fromkeys(names))
    together = _together(query, matched, [FACETS[name] for name in wanted if name in FACETS])
    return tuple(
        _found(query, matched, name, most)
        if name in FOUND
        else _counted(query, matched, FACETS[name], most, together.get(name, ""))
        for name in wanted
    )


def _together(query: Query, matched: Matched, facets: Sequence[Facet]) -> dict[str, str]:
    """Where it is a long way over all that fits, go it once; gives SQL like that of `_by`, by facet.

    If what does not fit is the shorter way, that is counted, and taken from what all records have.
    """
    coded = [facet for facet in facets if facet.kept]
    if matched.kept or matched.everything or matched.several or not coded:
        return {}
    listed = ", ".join(facet.code for facet in coded)
    sets = ", ".join(f"({facet.code})" for facet in coded)
    kept = query.keep(
        f"SELECT grouping({listed}) AS one, coalesce({listed}) AS code, count(*) AS n "
        f"FROM {matched.rest or matched.units} GROUP BY GROUPING SETS ({sets})",
        matched.parameters,
    )
    # In each set, all bits are set but that of the one code that is grouped by; the first has the highest.
    bits = {facet.name: 1 << len(coded) - 1 - place for place, facet in enumerate(coded)}
    counted = {
        name: f"SELECT code, n FROM {kept} WHERE one = {sum(bits.values()) - bit}"
        for name, bit in bits.items()
    }
    if matched.rest is None:
        return counted
    return {name: _LEFT.format(name=name, counted=rest) for name, rest in counted.items()}


def facet_columns(names: Sequence[str]) -> list[str]:
    """The columns of units that counting by some facets asks for."""
    return [column for name in names if name in FACETS for column in _columns(FACETS[name])]


def _columns(facet: Facet) -> tuple[str, ...]:
    group = (facet.group.name,)
    if facet.kept:
        return (facet.code, *group) if facet.group is RIGHTS else (facet.code,)
    return group


def _counted(query: Query, matched: Matched, facet: Facet, most: int, counted: str) -> Counted:
    key, forms, labels = "code", "", f"JOIN label_{facet.name} l ON l.code = key"
    if facet.listed:
        key, forms, labels = "key", ", arg_max(shown, {'n': n, 'shown': shown}) AS shown", ""
    values = {"most": max(most, 1)} if counted else {**matched.parameters, "most": max(most, 1)}
    counted = counted or _by(matched, facet)
    rows = query.rows(_COMMONEST.format(counted=counted, key=key, forms=forms, labels=labels), values)
    single = not facet.listed and not (facet.group is RIGHTS and matched.several)
    known = (rows[0]["known"] if rows else 0) if single else _known(query, matched, facet)
    return Counted(
        facet.name,
        tuple((row["shown"], row["records"]) for row in rows[:most]),
        rows[0]["different"] if rows else 0,
        matched.total - known,
    )


def _found(query: Query, matched: Matched, name: str, most: int) -> Counted:
    """Count by what is said of any of a record's images; each value once."""
    held = f"FROM {matched.records} AS r JOIN held_{name} USING (number)"
    labels = f"JOIN label_{name} l ON l.code = key"
    counted = f"SELECT code, count(*) AS n {held} GROUP BY code"
    statement = _COMMONEST.format(counted=counted, key="code", forms="", labels=labels)
    rows = query.rows(statement, {**matched.parameters, "most": max(most, 1)})
    known = query.rows(f"SELECT count(DISTINCT number) AS n {held}", matched.parameters)
    return Counted(
        name,
        tuple((row["shown"], row["records"]) for row in rows[:most]),
        rows[0]["different"] if rows else 0,
        matched.total - int(known[0]["n"]),
    )


def _by(matched: Matched, facet: Facet) -> str:
    """SQL of how many records have each value, by its number; of each value itself where there are lists."""
    group = facet.group.name
    by_group = f"SELECT {group} AS id, count(*) AS n FROM {matched.records} GROUP BY id"
    if facet.listed:
        return _LISTED.format(facet=facet, counted=by_group)
    if matched.everything:
        return f"SELECT code, records AS n FROM label_{facet.name} WHERE records > 0"
    if facet.group is RIGHTS and matched.several:
        return _BY_RIGHTS.format(facet=facet, units=matched.units)
    if facet.kept:
        return f"SELECT {facet.code} AS code, count(*) AS n FROM {matched.records} GROUP BY code"
    return f"SELECT {facet.code} AS code, n FROM ({by_group}) JOIN {group} USING (id)"


def _known(query: Query, matched: Matched, facet: Facet) -> int:
    """How many records have a value at all, where one may have several."""
    table = f"{matched.units} AS u JOIN {facet.group.name} AS g ON g.id = u.{facet.group.name}"
    condition = f"WHERE {facet.value} IS NOT NULL"
    statement = f"SELECT count(DISTINCT number) AS n FROM {table} {condition}"
    return int(query.rows(statement, matched.parameters)[0]["n"])
