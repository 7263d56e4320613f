"""Segments that stand in for older ones: their rows keep the places of the rows that they repeat."""

from __future__ import annotations

from pathlib import Path

import duckdb

from hashstore.digest import Digest
from manifests.tables import schema_by_digest
from node.index.ddl import quoted
from provenance.errors import MalformedStatement
from provenance.log.leaf import SegmentLeaf
from provenance.statement import Statement
from provenance.statement.kinds.withdrawal import Replacement, Withdrawal, read_withdrawal
from provenance.withdrawal import remaining_rows, superseded

_WITHDRAWALS = "SELECT iri, document FROM statement WHERE kind = 'Withdrawal' AND log = ?"


def withdrawals_in(connection: duckdb.DuckDBPyConnection, log: int) -> list[Withdrawal]:
    """The notices of one log that can be read, in its order."""
    found = []
    rows = connection.execute(f"{_WITHDRAWALS} ORDER BY log_index", [log]).fetchall()
    for iri, document in rows:
        try:
            found.append(read_withdrawal(Statement(document.encode(), iri)))
        except MalformedStatement:
            continue
    return found


def replacement_of(
    connection: duckdb.DuckDBPyConnection, log: int, leaf: SegmentLeaf
) -> tuple[bool, Replacement | None]:
    """Whether a segment belongs to a withdrawal, and for which segment it stands in."""
    query = f"{_WITHDRAWALS} AND digest = ?"
    row = connection.execute(query, [log, leaf.statement.raw]).fetchone()
    if row is None:
        return False, None
    try:
        withdrawal = read_withdrawal(Statement(row[1].encode(), row[0]))
    except MalformedStatement:
        return True, None
    found = (one for one in withdrawal.replacements if one.segment.digest == leaf.segment)
    return True, next(found, None)


def is_gone(connection: duckdb.DuckDBPyConnection, log: int, segment: Digest) -> bool:
    """Whether the log itself says that it no longer serves a segment."""
    withdrawals = withdrawals_in(connection, log)
    named = {text for withdrawal in withdrawals for text in withdrawal.targets}
    return segment in superseded(withdrawals) or segment.uri in named


def insert_remaining(
    connection: duckdb.DuckDBPyConnection, log: int, replacement: Replacement, path: Path
) -> None:
    """Insert the rows of a replacement in the places of those that they repeat, if these have not come here.

    One that does not fit the segment that it stands in for says nothing.
    """
    old = connection.execute(
        "SELECT log_index, table_name, row_count, schema FROM leaf WHERE log = ? AND segment = ?",
        [log, replacement.old.raw],
    ).fetchone()
    if old is None or (old[1], old[3]) != (replacement.segment.table, replacement.segment.schema.raw):
        return
    log_index, table = int(old[0]), quoted(old[1])
    have = f"SELECT 1 FROM {table} WHERE log = ? AND log_index = ? LIMIT 1"
    if connection.execute(have, [log, log_index]).fetchone() is not None:
        return
    try:
        numbers = remaining_rows(replacement, int(old[2]))
    except ValueError:
        return
    changes = "change" in schema_by_digest(replacement.segment.schema).names
    alive = "change <> 'removed'" if changes else "true"
    connection.execute(
        f"INSERT INTO {table} BY NAME SELECT ?::INTEGER AS log, ?::BIGINT AS log_index, "
        f"list_extract(?::BIGINT[], file_row_number + 1) AS row, 'public' AS access, {alive} AS current, "
        "* EXCLUDE (file_row_number) FROM read_parquet(?, file_row_number = true)",
        [log, log_index, list(numbers), str(path)],
    )
    if changes:
        _retire_earlier(connection, table, log, log_index, replacement.old)


def _retire_earlier(
    connection: duckdb.DuckDBPyConnection, table: str, log: int, log_index: int, old: Digest
) -> None:
    """Rows that came before this one may have changed or removed rows of the segment already."""
    connection.execute(
        f"UPDATE {table} SET current = false FROM ("
        f"  SELECT split_part(revisionOf, '#row=', 2)::BIGINT AS place FROM {table}"
        "  WHERE log = $log AND starts_with(revisionOf, $old)"
        f") AS later WHERE {table}.log = $log AND {table}.log_index = $index AND {table}.row = later.place",
        {"log": log, "index": log_index, "old": f"{old.uri}#row="},
    )
