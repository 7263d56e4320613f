"""Where the records that fit were collected: how many in each cell of a grid, for a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.search.database import Query
from node.search.matched import Matched

_STEP: Final = 10_000_000  # a degree, in the steps that units count in
_CELLS: Final = """
SELECT floor((point_x / {step} + 180) / $side)::INTEGER AS x,
       floor((point_y / {step} + 90) / $side)::INTEGER AS y, count(*) AS n
FROM {records} AS fits WHERE point_x IS NOT NULL GROUP BY ALL ORDER BY n DESC, x, y LIMIT $most
"""
_WITHOUT: Final = "SELECT count(*) AS n FROM {records} AS fits WHERE point_x IS NULL"
POINT_COLUMNS: Final = ("point_x", "point_y")


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of the map.

    Attributes:
        west: Its western border, in degrees.
        south: Its southern one.
        records: How many records were collected in it.
    """

    west: float
    south: float
    records: int


def cells(query: Query, matched: Matched, side: float, most: int) -> tuple[Cell, ...]:
    """Count records by cells; points are as exact as public rows have them, and no more.

    Args:
        query: The question that this is part of.
        matched: What fits, with `POINT_COLUMNS` among its columns.
        side: Of a cell, in degrees.
        most: How many cells are told, the fullest first.
    """
    statement = _CELLS.format(step=f"{_STEP}.0", records=matched.records)
    rows = query.rows(statement, {**matched.parameters, "side": side, "most": most})
    return tuple(Cell(row["x"] * side - 180, row["y"] * side - 90, row["n"]) for row in rows)


def without_place(query: Query, matched: Matched) -> int:
    """How many of the records that fit have no coordinates."""
    return int(query.rows(_WITHOUT.format(records=matched.records), matched.parameters)[0]["n"])
