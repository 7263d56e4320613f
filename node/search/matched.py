"""The records for which a filter holds, kept while one question about them is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from manifests.filter import Filter
from node.search.database import Query
from node.search.groups import RIGHTS
from node.search.where import where

# So many units are kept, if their condition is cheap or costly; more are cheaper found again than kept.
_FEW, _MANY = 50_000, 250_000


@dataclass(frozen=True, slots=True)
class Matched:
    """What fits.

    Attributes:
        units: A relation of the units for which the filter holds.
        total: How many records these are.
        several: Whether a record among them may have more than one unit.
        everything: Whether all records fit.
        kept: Whether they were put aside, so that going over them again costs little.
        parameters: The bound values of the relation.
        rest: A relation with one unit of each record that does not fit, with the same bound values, where
            these are fewer; counting is done with them then. None elsewhere.
    """

    units: str
    total: int
    several: bool
    everything: bool = False
    kept: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)
    rest: str | None = None

    @property
    def records(self) -> str:
        """A relation with one unit of each record."""
        if self.everything:
            return "(SELECT * FROM unit WHERE first)" if self.several else "unit"
        if not self.several:
            return self.units
        one = f"SELECT DISTINCT ON (number) * FROM {self.units} WHERE NOT lone"
        return f"(SELECT * FROM {self.units} WHERE lone UNION ALL {one})"


def match(query: Query, tree: Filter | None, columns: Sequence[str] = (), *, images: bool = False) -> Matched:
    """Find what fits.

    Args:
        query: The question that this is part of.
        tree: The filter; None for all records.
        columns: Which columns of units are asked for afterwards.
        images: Only records of which there is an image.
    """
    if tree is None and not images and not len(query.hidden):
        return Matched("unit", query.records, query.several, everything=True)
    found = where(query, tree)
    condition = found.condition + (" AND images > 0" if images else "")
    # Units of one record fit together where nothing is asked of its media; one of them stands for all then.
    several = query.several and (found.media or RIGHTS.name in columns)
    names = ", ".join(dict.fromkeys(["number", "lone", *columns]))
    first = " AND first" if query.several and not several else ""
    units = f"(SELECT {names} FROM unit WHERE {condition}{first})"
    if found.sights:
        units = _sighted(names, condition, found.sights)
    most = _MANY if found.costly else _FEW
    kept = query.keep(f"FROM {units} LIMIT {most + 1}", found.parameters)
    if _count(query, kept, several=False) <= most:
        return Matched(kept, _count(query, kept, several), several, kept=True)
    total = _count(query, units, several, found.parameters)
    rest = f"(SELECT {names} FROM unit WHERE NOT ({condition}){first})"
    fewer = not several and not found.sights and 2 * total > query.records
    return Matched(units, total, several, parameters=found.parameters, rest=rest if fewer else None)


def _sighted(names: str, condition: str, sights: Mapping[str, str]) -> str:
    """Units for which a condition holds with one of their images: those with findings, or any other."""
    seen = ", ".join(f"{test} AS {name}" for name, test in sights.items())
    nothing = ", ".join(f"false AS {name}" for name in sights)
    among = "sighting USING (number, rights)"
    return (
        f"(SELECT DISTINCT {names} FROM (SELECT unit.*, {seen} FROM unit JOIN {among}) WHERE {condition} "
        f"UNION ALL SELECT {names} FROM (SELECT unit.*, {nothing} FROM unit ANTI JOIN {among}) "
        f"WHERE {condition})"
    )


def _count(query: Query, units: str, several: bool, parameters: Mapping[str, Any] | None = None) -> int:
    counted = "count(DISTINCT number)" if several else "count(*)"
    return int(query.rows(f"SELECT {counted} AS n FROM {units}", parameters)[0]["n"])
