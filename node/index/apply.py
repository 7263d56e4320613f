"""Bring the index up to the log: each new leaf once, all of them or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.errors import UnknownSchema
from manifests.schema import TableSchema
from manifests.segment import segment_batches
from manifests.tables import schema_by_digest
from node.errors import BlobUnusable, IndexUnusable
from node.index.database import Index
from node.index.ddl import OWN_LOG, quoted
from node.index.replaced import belongs_to_withdrawal, is_gone, stand_in
from provenance.log.leaf import Leaf, SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import Statement, parse_statement

Leaves = Callable[[int, int], Iterable[bytes]]
BlobPath = Callable[[Digest], Path]


_OF_LOGS = (
    "SELECT table_name FROM duckdb_columns() "
    "JOIN duckdb_tables() USING (database_name, schema_name, table_name) WHERE column_name = 'log'"
)


class Place(NamedTuple):
    """Where a leaf stands: the number of its log, and its index there."""

    log: int
    log_index: int


def apply_log(
    index: Index,
    leaves: Leaves,
    size: int,
    blob_path: BlobPath,
    *,
    log: int = OWN_LOG,
    refused: Container[int] = (),
    void: frozenset[int] | None = None,
) -> int:
    """Apply the leaves that the index does not have yet.

    Args:
        index: The open index.
        leaves: Gives the leaves from one log index up to another.
        size: How many leaves the log has.
        blob_path: Where a statement's or segment's bytes are; they are hashed before they are read.
        log: The log's number in the index; `Index.log_number` gives that of a followed log.
        refused: Leaves of a followed log that do not count; they only keep their place.
        void: Leaves that counted until a key was revoked back to there. If these are others than the index
            knows of, the log is applied anew: what they changed and removed stands again. None if they are
            the same.

    Returns:
        How many leaves were applied.

    Raises:
        IndexUnusable: the index holds more than the log, or DuckDB refuses.
        BlobUnusable: a statement or segment is missing or damaged.
    """
    if void is not None and index.meta(_void(log)) != len(void):
        _forget(index, log, len(void))
    have = index.log_size(log)
    if have > size:
        raise IndexUnusable(
            f"The index {index.path} knows {have} leaves and the log has {size}. "
            "Make it anew: vasculum index rebuild"
        )
    if have == size:
        return 0
    connection = index.connection
    absent: list[tuple[Place, SegmentLeaf]] = []
    connection.execute("BEGIN")
    try:
        for log_index, raw in enumerate(leaves(have, size), have):
            if void and log_index in void:
                _keep_void(connection, Place(log, log_index), decode_leaf(raw))
            elif log_index not in refused:
                place, leaf = Place(log, log_index), decode_leaf(raw)
                absent += _apply_leaf(connection, place, leaf, blob_path)
                if isinstance(leaf, SegmentLeaf):
                    _stand_in(connection, place, leaf, blob_path, partial(leaves, 0, log_index))
        _check_absent(connection, absent)
        index.set_log_size(size, log)
        connection.execute("COMMIT")
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        raise IndexUnusable(f"The index {index.path} did not take new leaves: {error}") from error
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return size - have


def _void(log: int) -> str:
    return f"void {log}"


def _forget(index: Index, log: int, void: int) -> None:
    """Take out everything of one log, to apply it anew; in one transaction, so that it may be killed."""
    connection = index.connection
    tables = connection.execute(_OF_LOGS).fetchall()
    connection.execute("BEGIN")
    try:
        for (table,) in tables:
            connection.execute(f"DELETE FROM {quoted(table)} WHERE log = ?", [log])
        index.set_log_size(0, log)
        index.set_meta(_void(log), void)
        index.set_meta("withdrawals", 0)  # marks on rows are gone with the rows
        connection.execute("COMMIT")
    except duckdb.Error as error:
        connection.execute("ROLLBACK")
        raise IndexUnusable(f"The index {index.path} did not let go of a log: {error}") from error


def _keep_void(connection: duckdb.DuckDBPyConnection, place: Place, leaf: Leaf) -> None:
    """Know the bytes that a void leaf names: whoever comes later has to have them, to come to the same."""
    if isinstance(leaf, StatementLeaf):
        named = (leaf.statement.raw, "application/ld+json")
    elif isinstance(leaf, SegmentLeaf) and leaf.access is AccessClass.PUBLIC:
        named = (leaf.segment.raw, "application/vnd.apache.parquet")
    else:
        return
    connection.execute("INSERT INTO void VALUES (?, ?, ?, ?)", [*place, *named])


def _apply_leaf(
    connection: duckdb.DuckDBPyConnection, place: Place, leaf: Leaf, blob_path: BlobPath
) -> list[tuple[Place, SegmentLeaf]]:
    """Apply one leaf; returns it if its segment is not here, which a later leaf may explain."""
    if isinstance(leaf, StatementLeaf):
        connection.execute(
            "INSERT INTO leaf (log, log_index, kind, statement) VALUES (?, ?, 'statement', ?)",
            [*place, leaf.statement.raw],
        )
        path = _sound(blob_path(leaf.statement), leaf.statement, "statement", place)
        _apply_statement(connection, place, parse_statement(path.read_bytes()))
    elif isinstance(leaf, SegmentLeaf):
        connection.execute(
            "INSERT INTO leaf VALUES (?, ?, 'segment', ?, ?, ?, ?, ?, ?, ?)",
            [*place, leaf.statement.raw, leaf.segment.raw, leaf.table, leaf.schema.raw, leaf.rows,
             leaf.rows_root.raw, str(leaf.access)],
        )  # fmt: skip
        # What another node withholds never comes here.
        if place.log == OWN_LOG or leaf.access is AccessClass.PUBLIC:
            return [] if _apply_segment(connection, place, leaf, blob_path) else [(place, leaf)]
    return []


def _check_absent(connection: duckdb.DuckDBPyConnection, absent: list[tuple[Place, SegmentLeaf]]) -> None:
    """A segment may be missing if its log says that it was withdrawn; its rows may have come with another."""
    for place, leaf in absent:
        if not is_gone(connection, place.log, leaf.segment):
            raise _unusable(leaf.segment, f"{leaf.table} segment", place, "it is missing")


def _stand_in(
    connection: duckdb.DuckDBPyConnection,
    place: Place,
    leaf: SegmentLeaf,
    blob_path: BlobPath,
    earlier: Callable[[], Iterable[bytes]],
) -> None:
    """Rows of a replacement that came in the places of older ones change and remove what those did."""
    if not belongs_to_withdrawal(connection, place.log, leaf):
        return
    try:
        changes = "change" in schema_by_digest(leaf.schema).names
    except UnknownSchema:
        return
    came = stand_in(connection, place.log, leaf, blob_path(leaf.segment), earlier)
    if came is not None and changes:
        _retire(connection, quoted(leaf.table), Place(place.log, came))


def _sound(path: Path, digest: Digest, what: str, place: Place) -> Path:
    """The file, hashed again: what a disk or a hand has changed must not become an answer."""
    try:
        with path.open("rb") as file:
            found = Digest(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise _unusable(digest, what, place, error.strerror or str(error)) from error
    if found != digest:
        raise _unusable(digest, what, place, "its bytes have changed")
    return path


def _unusable(digest: Digest, what: str, place: Place, reason: str) -> BlobUnusable:
    entry = f"log entry {place.log_index}" + ("" if place.log == OWN_LOG else " of a followed log")
    return BlobUnusable(
        f"The index needs the {what} of {entry}, {digest}: {reason}. "
        "`vasculum verify` names everything that is damaged; restore it from a copy of this node."
    )


def _apply_statement(connection: duckdb.DuckDBPyConnection, place: Place, statement: Statement) -> None:
    document = statement.document
    connection.execute(
        "INSERT INTO statement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            *place,
            statement.digest.raw,
            statement.iri,
            statement.kind,
            statement.signer,
            statement.source,
            document.get("startedAtTime"),
            document.get("endedAtTime"),
            json.dumps(document),
        ],
    )


def _apply_segment(
    connection: duckdb.DuckDBPyConnection, place: Place, leaf: SegmentLeaf, blob_path: BlobPath
) -> bool:
    """Copy a segment's rows; a schema that this version does not know is left to a later one.

    Returns:
        Whether nothing is missing.
    """
    try:
        schema = schema_by_digest(leaf.schema)
    except UnknownSchema:
        return True
    if not blob_path(leaf.segment).exists():
        return False
    path = _sound(blob_path(leaf.segment), leaf.segment, f"{leaf.table} segment", place)
    if belongs_to_withdrawal(connection, place.log, leaf):
        return True  # its rows stand where those stand that they repeat; see `stand_in`
    table = quoted(schema.name)
    changes = "change" in schema.names
    alive = "change <> 'removed'" if changes else "true"
    columns = "?::INTEGER AS log, ?::BIGINT AS log_index, file_row_number + 1 AS row, ? AS access"
    insert = f"INSERT INTO {table} BY NAME SELECT {columns}, {alive} AS current, * EXCLUDE (file_row_number)"
    standing = [*place, str(leaf.access)]
    if place.log == OWN_LOG:
        query = f"{insert} FROM read_parquet(?, file_row_number = true)"
        connection.execute(query, [*standing, str(path)])
    else:
        _insert_foreign(connection, f"{insert} FROM foreign_rows", standing, path, schema)
    if changes:
        _retire(connection, table, place)
    return True


def _insert_foreign(
    connection: duckdb.DuckDBPyConnection, insert: str, values: list[Any], path: Path, schema: TableSchema
) -> None:
    """Copy another's rows as they were read when their root was checked.

    Two readers may read one hostile file in two ways, and DuckDB's may fail where Arrow's did not: the index
    would then hold rows that nobody signed, or take no leaf ever again.
    """
    numbered = schema.arrow.append(pa.field("file_row_number", pa.int64()))
    rows = pa.RecordBatchReader.from_batches(numbered, _numbered(path, schema, numbered))
    connection.register("foreign_rows", rows)
    try:
        connection.execute(insert, values)
    finally:
        connection.unregister("foreign_rows")


def _numbered(path: Path, schema: TableSchema, numbered: pa.Schema) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in segment_batches(path, schema):
        numbers = pa.array(range(start, start + batch.num_rows), pa.int64())
        yield pa.RecordBatch.from_arrays([*batch.columns, numbers], schema=numbered)
        start += batch.num_rows


def _retire(connection: duckdb.DuckDBPyConnection, table: str, place: Place) -> None:
    """Mark the rows that this segment's rows change or remove as no longer current: those of its own log.

    What another's row gives as its predecessor may be any text; one that names no row retires none.
    """
    connection.execute(
        f"UPDATE {table} SET current = false FROM ("
        "  SELECT leaf.log_index AS at, TRY_CAST(split_part(d.revisionOf, '#row=', 2) AS BIGINT) AS place"
        f"  FROM {table} d JOIN leaf ON leaf.log = d.log AND leaf.segment IS NOT NULL"
        "  AND 'hash://sha256/' || lower(hex(leaf.segment)) = left(d.revisionOf, 78)"
        "  WHERE d.log = $log AND d.log_index = $index AND d.revisionOf IS NOT NULL"
        f") AS earlier WHERE {table}.log = $log AND {table}.log_index = earlier.at "
        f"AND {table}.row = earlier.place",
        {"log": place.log, "index": place.log_index},
    )
