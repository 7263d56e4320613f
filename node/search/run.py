"""One search: what fits, the hits of a page, and the facets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from manifests.filter import Filter
from node.errors import SearchRefused
from node.search.database import SearchDatabase
from node.search.facet import FACET_NAMES
from node.search.facets import Counted, count, facet_columns
from node.search.hits import Hit, page, sort_columns
from node.search.matched import match

MOST_HITS: Final = 1000
MOST_VALUES: Final = 1000
MOST_FACETS: Final = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """A search.

    Attributes:
        tree: The filter; None for all records.
        images: Only records of which there is an image.
        limit: How many hits the page has at most; 0 for none.
        after: The address of the record that the page begins behind.
        sort: The order of the hits.
        facets: What to count by.
        values: How many values of each facet are told.
    """

    tree: Filter | None = None
    images: bool = False
    limit: int = 50
    after: str | None = None
    sort: str = "name"
    facets: Sequence[str] = ()
    values: int = 10

    def __post_init__(self) -> None:
        """Hold it to the limits."""
        for name, given, most in (("limit", self.limit, MOST_HITS), ("values", self.values, MOST_VALUES)):
            if not 0 <= given <= most:
                raise SearchRefused(name, f"it lies between 0 and {most}, not at {given}")
        if len(self.facets) > MOST_FACETS:
            raise SearchRefused("facet", f"at most {MOST_FACETS} facets are counted at once")
        for name in self.facets:
            if name not in FACET_NAMES:
                raise SearchRefused("facet", f"{name[:40]!r} is no facet; there are {', '.join(FACET_NAMES)}")


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a search.

    Attributes:
        total: How many records fit.
        hits: The page.
        facets: What was counted.
        next: What `after` has to be for the next page; None if this was the last one.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[Counted, ...]
    next: str | None


def search(database: SearchDatabase, asked: Asked, seconds: float | None = None) -> Found:
    """Search the current public records.

    Args:
        database: What is searched.
        asked: What for.
        seconds: How long it may take; as long as it does if None.

    Raises:
        SearchRefused: what is asked for is not there, or too much.
        IndexUnusable: DuckDB refuses.
    """
    with database.query(seconds) as query:
        columns = [*sort_columns(asked.sort), *facet_columns(asked.facets)]
        matched = match(query, asked.tree, columns, images=asked.images)
        hits = page(query, matched, asked.sort, asked.limit, asked.after) if asked.limit else ()
        facets = count(query, matched, asked.facets, asked.values)
    full = 0 < asked.limit == len(hits) and not (asked.after is None and len(hits) == matched.total)
    return Found(matched.total, hits, facets, str(hits[-1].row) if full else None)
