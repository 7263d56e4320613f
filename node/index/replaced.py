"""Segments that stand in for older ones: their rows keep the places of the rows that they repeat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import duckdb

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.tables import schema_by_digest
from node.index.ddl import quoted
from provenance.errors import MalformedStatement
from provenance.log.leaf import SegmentLeaf, decode_leaf
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


def belongs_to_withdrawal(connection: duckdb.DuckDBPyConnection, log: int, leaf: SegmentLeaf) -> bool:
    """Whether a segment stands in for an older one, so that its rows are none of their own."""
    query = f"{_WITHDRAWALS} AND digest = ?"
    return connection.execute(query, [log, leaf.statement.raw]).fetchone() is not None


def _replacement(connection: duckdb.DuckDBPyConnection, log: int, leaf: SegmentLeaf) -> Replacement | None:
    row = connection.execute(f"{_WITHDRAWALS} AND digest = ?", [log, leaf.statement.raw]).fetchone()
    if row is None:
        return None
    try:
        withdrawal = read_withdrawal(Statement(row[1].encode(), row[0]))
    except MalformedStatement:
        return None
    found = (one for one in withdrawal.replacements if one.segment.digest == leaf.segment)
    return next(found, None)


def is_gone(connection: duckdb.DuckDBPyConnection, log: int, segment: Digest) -> bool:
    """Whether the log itself says that it no longer serves a segment."""
    withdrawals = withdrawals_in(connection, log)
    named = {text for withdrawal in withdrawals for text in withdrawal.targets}
    return segment in superseded(withdrawals) or segment.uri in named


def stand_in(
    connection: duckdb.DuckDBPyConnection,
    log: int,
    leaf: SegmentLeaf,
    path: Path,
    earlier: Callable[[], Iterable[bytes]],
) -> int | None:
    """Insert the rows of a replacement in the places of those that they repeat, if these have not come here.

    One that does not fit the segment that it stands in for says nothing.

    Args:
        connection: The index.
        log: The number of the log.
        leaf: A segment's leaf, just applied; nothing is done if it replaces none.
        path: Where its bytes are.
        earlier: Gives the leaves of the log before this one.

    Returns:
        The log index whose rows came so; None if none did.
    """
    replacement = _replacement(connection, log, leaf)
    if replacement is None or not path.exists():
        return None
    query = "SELECT log_index, table_name, row_count, schema FROM leaf WHERE log = ? AND segment = ?"
    old = connection.execute(query, [log, replacement.old.raw]).fetchone()
    if old is None:
        # A follower that came late was told that the old segment is withdrawn, and passed its leaf over.
        _insert_leaf(connection, log, replacement.old, earlier())
        old = connection.execute(query, [log, replacement.old.raw]).fetchone()
    if old is None or (old[1], old[3]) != (replacement.segment.table, replacement.segment.schema.raw):
        return None
    log_index, table = int(old[0]), quoted(old[1])
    have = f"SELECT 1 FROM {table} WHERE log = ? AND log_index = ? LIMIT 1"
    if connection.execute(have, [log, log_index]).fetchone() is not None:
        return None
    try:
        numbers = remaining_rows(replacement, int(old[2]))
    except ValueError:
        return None
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
    return log_index


def _insert_leaf(
    connection: duckdb.DuckDBPyConnection, log: int, segment: Digest, leaves: Iterable[bytes]
) -> None:
    for log_index, raw in enumerate(leaves):
        leaf = decode_leaf(raw) if segment.hex.encode() in raw else None
        if isinstance(leaf, SegmentLeaf) and leaf.segment == segment and leaf.access is AccessClass.PUBLIC:
            connection.execute(
                "INSERT INTO leaf VALUES (?, ?, 'segment', ?, ?, ?, ?, ?, ?, ?)",
                [log, log_index, leaf.statement.raw, leaf.segment.raw, leaf.table, leaf.schema.raw, leaf.rows,
                 leaf.rows_root.raw, str(leaf.access)],
            )  # fmt: skip
            return


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
