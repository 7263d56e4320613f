"""The images of the records that a filter holds for."""

from __future__ import annotations

from typing import Final

from hashstore.digest import Digest
from manifests.filter import Filter
from node.errors import SearchRefused
from node.search.database import Query
from node.search.matched import Matched, match

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


def count_images(query: Query, matched: Matched) -> int:
    """How many different public images the records that fit have.

    Args:
        query: The question that this is part of.
        matched: What fits; `number` is among its columns in any case.

    Raises:
        IndexUnusable: DuckDB refuses.
    """
    chosen = (
        f"SELECT count(DISTINCT digest) AS n FROM image WHERE number IN (SELECT number FROM {matched.units})"
    )
    return int(query.rows(chosen, matched.parameters)[0]["n"])
