"""The images of the records that a filter holds for."""

from __future__ import annotations

from typing import Final

from hashstore.digest import Digest
from manifests.filter import Filter
from node.errors import SearchRefused
from node.search.database import Query
from node.search.matched import match

MOST_IMAGES: Final = 2_000_000


def images_matching(query: Query, tree: Filter) -> list[Digest]:
    """The public images of the current records that fit, each once.

    Args:
        query: The question that this is part of.
        tree: The filter.

    Raises:
        SearchRefused: there are too many.
        IndexUnusable: DuckDB refuses.
    """
    matched = match(query, tree, images=True)
    chosen = f"SELECT DISTINCT digest FROM image WHERE number IN (SELECT number FROM {matched.units})"
    rows = query.run(f"{chosen} LIMIT {MOST_IMAGES + 1}", matched.parameters).fetchall()
    if len(rows) > MOST_IMAGES:
        raise SearchRefused("the filter", f"it holds for more than {MOST_IMAGES:,} images; ask for less")
    return [Digest(raw) for (raw,) in rows]
