"""The records for which a filter holds, kept while one question about them is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from manifests.filter import Filter
from node.search.database import Query
from node.search.groups import GROUPS, RIGHTS, Group
from node.search.where import where

_COLUMNS: Final = ", ".join(["number", *(group.name for group in GROUPS), "images", "first", "lone"])


@dataclass(frozen=True, slots=True)
class Matched:
    """What fits.

    Attributes:
        units: A relation of the units for which the filter holds.
        total: How many records these are.
        several: Whether a record among them may have more than one unit.
        everything: Whether all records fit, so that they were counted before.
    """

    units: str
    total: int
    several: bool
    everything: bool

    @property
    def records(self) -> str:
        """A relation with one unit of each record; where everything fits, those that are `first`."""
        if self.everything or not self.several:
            return self.units
        one = f"SELECT DISTINCT ON (number) * FROM {self.units} WHERE NOT lone"
        return f"(SELECT * FROM {self.units} WHERE lone UNION ALL {one})"

    def by(self, group: Group) -> str:
        """SQL of how many records have each combination; those of several units are left out for rights."""
        if self.everything and not (group is RIGHTS and self.several):
            return f"SELECT * FROM counted_{group.name}"
        units = f"(SELECT * FROM {self.units} WHERE lone)" if group is RIGHTS else self.records
        return f"SELECT {group.name} AS id, count(*) AS n FROM {units} GROUP BY {group.name}"


def match(query: Query, tree: Filter | None, *, images: bool = False) -> Matched:
    """Find what fits.

    Args:
        query: The question that this is part of.
        tree: The filter; None for all records.
        images: Only records of which there is an image.
    """
    several = query.several
    if tree is None and not images:
        total = query.rows("SELECT count(*) AS n FROM unit WHERE first")[0]["n"]
        return Matched("unit", total, several, everything=True)
    found = where(query, tree)
    condition = found.condition + (" AND images > 0" if images else "")
    kept = query.keep(f"SELECT {_COLUMNS} FROM unit WHERE {condition}", found.parameters)
    total = query.rows(f"SELECT count(DISTINCT number) AS n FROM {kept}" if several else
                       f"SELECT count(*) AS n FROM {kept}")[0]["n"]  # fmt: skip
    return Matched(kept, total, several, everything=False)
