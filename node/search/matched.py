"""The records for which a filter holds, kept while one question about them is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from manifests.filter import Filter
from node.search.database import Query
from node.search.where import where

_FEW: Final = 1_000_000  # so many are kept; more are cheaper found again than kept


@dataclass(frozen=True, slots=True)
class Matched:
    """What fits.

    Attributes:
        units: A relation of the units for which the filter holds.
        total: How many records these are.
        several: Whether a record among them may have more than one unit.
        everything: Whether all records fit.
        parameters: The bound values of the relation.
    """

    units: str
    total: int
    several: bool
    everything: bool
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def records(self) -> str:
        """A relation with one unit of each record."""
        if self.everything:
            return "(SELECT * FROM unit WHERE first)" if self.several else "unit"
        if not self.several:
            return self.units
        one = f"SELECT DISTINCT ON (number) * FROM {self.units} WHERE NOT lone"
        return f"(SELECT * FROM {self.units} WHERE lone UNION ALL {one})"


def match(query: Query, tree: Filter | None, *, images: bool = False) -> Matched:
    """Find what fits.

    Args:
        query: The question that this is part of.
        tree: The filter; None for all records.
        images: Only records of which there is an image.
    """
    if tree is None and not images:
        total = query.rows("SELECT count(*) AS n FROM unit WHERE first")[0]["n"]
        return Matched("unit", total, query.several, everything=True)
    found = where(query, tree)
    condition = found.condition + (" AND images > 0" if images else "")
    # Units of one record fit together where nothing is asked of its media.
    several = query.several and found.media
    units = f"(SELECT * FROM unit WHERE {condition}{'' if several else ' AND first'})"
    counted = "count(DISTINCT number)" if several else "count(*)"
    total = query.rows(f"SELECT {counted} AS n FROM {units}", found.parameters)[0]["n"]
    if total > _FEW:
        return Matched(units, total, several, everything=False, parameters=found.parameters)
    return Matched(query.keep(f"FROM {units}", found.parameters), total, several, everything=False)
