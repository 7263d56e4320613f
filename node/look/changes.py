"""What a crawl changed, row by row, each beside the row that it replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from manifests.tables import TABLES
from manifests.tables.interpreted import INTERPRETED
from node.index import Index

_TABLES = ("specimen", "media", "record")
_SAID = frozenset({"source", "sourceRow", "file", "id", "change", "revisionOf", "salt", "flags"})
_NOT_CONTENT = _SAID | INTERPRETED
_NAMES = ("catalogNumber", "scientificName", "title", "accessURI", "occurrenceID", "id")
# Row by row would be a query each; a crawl may change a million.
_SIDE_BY_SIDE = """
SELECT fresh, earlier FROM own_{table} fresh
LEFT JOIN own_leaf leaf ON leaf.segment = unhex(fresh.revisionOf[15:78])
LEFT JOIN own_{table} earlier
    ON earlier.log_index = leaf.log_index AND earlier.row = split_part(fresh.revisionOf, '#row=', 2)::BIGINT
WHERE fresh.log_index = ? ORDER BY fresh.row
"""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that a crawl adds, changes or removes.

    Attributes:
        table: The row's table.
        change: `added`, `changed` or `removed`.
        name: What a curator would call it.
        columns: For a changed row, each differing column with its value before and after; None for no value.
    """

    table: str
    change: str
    name: str
    columns: Mapping[str, tuple[Any, Any]]


def changes_of(index: Index, statement_index: int) -> Iterator[RowChange]:
    """The rows that a crawl's segments hold, in their order.

    Args:
        index: The open index.
        statement_index: Log index of the crawl's statement.
    """
    query = (
        "SELECT leaf.log_index, table_name FROM own_leaf leaf "
        "JOIN own_statement s ON s.digest = leaf.statement WHERE s.log_index = ? "
        "AND leaf.kind = 'segment' ORDER BY leaf.log_index"
    )
    for leaf in index.rows(query, [statement_index]):
        if leaf["table_name"] in _TABLES:
            sql = _SIDE_BY_SIDE.format(table=leaf["table_name"])
            for pair in index.stream(sql, [leaf["log_index"]]):
                yield _change(leaf["table_name"], pair["fresh"], pair["earlier"] or {})


def _change(table: str, row: Mapping[str, Any], earlier: Mapping[str, Any]) -> RowChange:
    columns = _difference(table, earlier, row) if row["change"] == "changed" else {}
    name = next((str(row[column]) for column in _NAMES if row.get(column)), "a row")
    return RowChange(table, row["change"], name, columns)


def _difference(
    table: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    names = (column.name for column in TABLES[table].columns if column.name not in _NOT_CONTENT)
    return {name: (before.get(name), after[name]) for name in names if before.get(name) != after[name]}
