"""The rows that say something of images, of which a filter of findings holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from manifests.access import AccessClass
from manifests.filter import Filter, OneFinding
from manifests.tables import ANNOTATION, FINDING
from node.index import Index
from node.policy import Principal, decide
from node.slices.compile import compile_filter, holding
from node.slices.gone import Extent, check_whole, gone_within
from node.slices.members import STATE, found_by, state_parameters, tables_read

_BATCH: Final = 10_000
_ROWS: Final = """
SELECT digest, kind, text, region FROM {table} JOIN held USING (log, log_index, row)
WHERE held.table_name = '{table}' AND region IS NOT NULL AND access IN ({access})
"""


def found_regions(index: Index, tree: Filter, extents: tuple[Extent, ...]) -> Iterator[dict[str, Any]]:
    """The public findings and annotations that have a place, and of which a filter holds; in no order.

    Args:
        index: The open index, which must have applied at least so many leaves of each log.
        tree: What is asked of each, by fields of findings.
        extents: The logs and sizes of the state.

    Yields:
        `digest` (of the image), `kind`, `text` and `region`, as the row has them.

    Raises:
        SliceError: rows that it depends on are not here.
        duckdb.Error: the database refuses.
    """
    gone, compiled = gone_within(index, extents), compile_filter(OneFinding(tree))
    for extent in extents:
        check_whole(index, extent, gone, tables_read(compiled))
    access = ", ".join(f"'{kind}'" for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed)
    parts = (_ROWS.format(table=table.name, access=access) for table in (FINDING, ANNOTATION))
    held = holding(compiled, "seen", "table_name, log, log_index, row")
    query = f"WITH {STATE} {found_by(compiled, standing=True)} held AS ({held}) {' UNION ALL '.join(parts)}"
    cursor = index.connection.cursor()
    try:
        cursor.execute(query, {**state_parameters(extents, gone), **compiled.values})
        names = [description[0] for description in cursor.description or ()]
        while rows := cursor.fetchmany(_BATCH):
            yield from (dict(zip(names, row, strict=True)) for row in rows)
    finally:
        cursor.close()
