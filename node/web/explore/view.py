"""What the records answer to a question: a page of hits, counts, the map's cells and the decades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from manifests.filter import Filter
from node.search.database import Query
from node.search.facets import Counted, count, facet_columns
from node.search.hits import Hit, page, sort_columns
from node.search.matched import match
from node.search.places import POINT_COLUMNS, Cell, cells, without_place
from node.web.explore.question import COUNTED, Corners

PAGE: Final = 50
_VALUES: Final = 8
_DECADES: Final = 200
_ACROSS: Final = 60  # cells from west to east of the part of the map that is shown
_CELLS: Final = 600
WORLD: Final = Corners(-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class View:
    """All that an Explore page shows of an answer.

    Attributes:
        total: How many records fit.
        hits: A page of them.
        after: The address of its last record, if more follow; None if not.
        counts: By the facets of `COUNTED`.
        decades: Each decade with its records, in time's order.
        undated: Records without a decade.
        cells: Where they were collected.
        side: Of a cell, in degrees.
        unplaced: Records without coordinates.
    """

    total: int
    hits: tuple[Hit, ...]
    after: str | None
    counts: tuple[Counted, ...]
    decades: tuple[tuple[str, int], ...]
    undated: int
    cells: tuple[Cell, ...]
    side: float
    unplaced: int


def look(
    query: Query, tree: Filter | None, box: Corners | None, *, images: bool, sort: str, after: str | None
) -> View:
    """Answer a question.

    Args:
        query: A question to the search database.
        tree: What fits; None for all records.
        box: The part of the map that is shown; None for all of it.
        images: Only records of which there is an image.
        sort: The order of the hits (`node.search.hits.SORTS`).
        after: The address of the record that the page begins behind.

    Raises:
        SearchRefused: there is no such order, or no such record any more.
    """
    facets = (*COUNTED, "decade")
    columns = [*sort_columns(sort), *facet_columns(facets), *POINT_COLUMNS]
    matched = match(query, tree, columns, images=images)
    hits = page(query, matched, sort, PAGE, after)
    *counts, decades = (
        counted
        for names, most in ((COUNTED, _VALUES), (("decade",), _DECADES))
        for counted in count(query, matched, names, most)
    )
    side = _side(box or WORLD)
    more = len(hits) == PAGE and not (after is None and matched.total == PAGE)
    return View(
        matched.total,
        hits,
        str(hits[-1].row) if more else None,
        tuple(counts),
        tuple(sorted(decades.values)),
        decades.missing,
        cells(query, matched, side, _CELLS),
        side,
        without_place(query, matched),
    )


def _side(box: Corners) -> float:
    """A round part of a degree, so that cells of all parts of the map lie on the same lines."""
    width = (box.east - box.west) % 360 or 360
    for side in (5.0, 2.5, 1.0, 0.5, 0.25, 0.1, 0.05):
        if width / side >= _ACROSS:
            return side
    return 0.05
