"""What changed in a source: its current rows against rows that were read anew, as rows of a delta segment.

Rows are the same if all their published columns are, but for where they stood (`sourceRow`). What is said
about them (`change`, `revisionOf`, `salt`) and what the program made of them (`qualityFlags` and the like)
does not count. What is left on both sides is paired by key, and within a key in order. A row without anything
to know it by is its own key, so that it is added or removed, never changed.

Who follows the deltas gets the current rows: take out each row that some `revisionOf` names, and put in each
row that is not `removed`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import duckdb
import pyarrow as pa

from manifests.errors import ManifestError
from manifests.schema import Column, TableSchema
from manifests.tables.interpreted import INTERPRETED

# By what a publisher's rows are known. A medium's address is part of its key, so that a picture put in before
# others does not make all of them look changed.
_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "specimen": ("file", "id"),
        "media": ("file", "id", "identifier", "accessURI"),
        "record": ("file", "rowType", "id"),
    }
)
_WEAK = frozenset({"file", "rowType"})
_NOT_CONTENT = frozenset({"sourceRow", "change", "revisionOf", "salt"}) | INTERPRETED
_BATCH_ROWS = 10_000


class _Place(NamedTuple):
    """The columns that name a row on one side, and the order in which rows are paired."""

    columns: str
    order: str


_OLD = _Place("rowUri", "length(rowUri), rowUri")  # numbers of one segment in their order
_NEW = _Place("filename, file_row_number", "filename, file_row_number")


def delta(
    connection: duckdb.DuckDBPyConnection, schema: TableSchema, previous: str, staged: Sequence[Path]
) -> Iterator[pa.RecordBatch]:
    """Compare the current rows of a source with its newly staged rows.

    Args:
        connection: An open database; a cursor of its own is used, so that other queries may run meanwhile.
        schema: The table's schema: specimen, media or record.
        previous: What stands after FROM for the current rows: a table, a view or a query in parentheses that
            every cursor of the connection sees. It has the schema's columns, and a different `rowUri` in
            each row.
        staged: Parquet files of the rows as they were read, with exactly the schema's columns.

    Returns:
        Batches in the schema's own Arrow types: first the rows that are added or changed, in staged order,
        then those that are removed, with their previous values. `change` and `revisionOf` are set.

    Raises:
        ManifestError: The table knows no changes, or DuckDB cannot read what it is given.
    """
    if schema.name not in _KEYS:
        raise ManifestError(f"rows of table {schema.name!r} are events and do not change")
    cursor = connection.cursor()
    try:
        _compare(cursor, schema, previous, [str(path) for path in staged])
        for sql in (_arrived(schema), _departed(schema, previous)):
            for batch in cursor.sql(sql).to_arrow_reader(_BATCH_ROWS):
                if batch.num_rows:
                    yield batch.cast(schema.arrow)
    except (duckdb.Error, pa.ArrowException) as error:
        raise ManifestError(f"rows of table {schema.name!r} could not be compared: {error}") from error
    finally:
        cursor.close()


def _compare(
    cursor: duckdb.DuckDBPyConnection, schema: TableSchema, previous: str, staged: Sequence[str]
) -> None:
    """Make the temporary tables `arrived` (with the row that each replaces, if any) and `departed`."""
    files = ", ".join(_text(path) for path in staged)
    source = (
        f"read_parquet([{files}], filename = true, file_row_number = true)" if staged else _none_of(schema)
    )
    cursor.execute(f"CREATE TEMP VIEW staged AS SELECT * FROM {source}")
    _mark(cursor, schema, "old", previous, _OLD)
    _mark(cursor, schema, "new", "staged", _NEW)
    _keep_unmatched(cursor, "old", "new", _OLD)
    _keep_unmatched(cursor, "new", "old", _NEW)
    cursor.execute(
        "CREATE TEMP TABLE arrived AS SELECT filename, file_row_number, rowUri AS replaced "
        "FROM new_left LEFT JOIN old_left USING (key, place)"
    )
    cursor.execute(
        "CREATE TEMP TABLE departed AS SELECT rowUri FROM old_left ANTI JOIN new_left USING (key, place)"
    )


def _mark(
    cursor: duckdb.DuckDBPyConnection, schema: TableSchema, name: str, rows: str, place: _Place
) -> None:
    """Tell rows apart by hashes of their keys and contents: some 100 MB for a million rows of any length."""
    cursor.execute(
        f"""CREATE TEMP TABLE {name} AS
            SELECT {place.columns}, coalesce(key, content) AS key, content,
                row_number() OVER (PARTITION BY key, content ORDER BY {place.order}) AS copy
            FROM (SELECT {place.columns}, {_key(schema)} AS key, {_content(schema)} AS content FROM {rows})"""
    )


def _keep_unmatched(cursor: duckdb.DuckDBPyConnection, name: str, other: str, place: _Place) -> None:
    """Keep the rows that have no equal on the other side, counted within each key."""
    cursor.execute(
        f"""CREATE TEMP TABLE {name}_left AS
            SELECT {place.columns}, key, row_number() OVER (PARTITION BY key ORDER BY {place.order}) AS place
            FROM {name} ANTI JOIN {other} USING (key, content, copy)"""
    )


def _arrived(schema: TableSchema) -> str:
    said = {"change": "if(replaced IS NULL, 'added', 'changed')", "revisionOf": "replaced"}
    columns = ", ".join(
        f"{said.get(name, f'staged.{_quoted(name)}')} AS {_quoted(name)}" for name in schema.names
    )
    return f"""SELECT {columns} FROM staged JOIN arrived USING ({_NEW.columns}) ORDER BY {_NEW.order}"""


def _departed(schema: TableSchema, previous: str) -> str:
    said = {"change": "'removed'", "revisionOf": "rowUri"}
    columns = ", ".join(f"{said.get(name, _quoted(name))} AS {_quoted(name)}" for name in schema.names)
    return f"""SELECT {columns} FROM (SELECT * FROM {previous}) SEMI JOIN departed USING (rowUri)
               ORDER BY {_OLD.order}"""


def _key(schema: TableSchema) -> str:
    """The hash of a row's key; null when there is nothing to know the row by."""
    names = _KEYS[schema.name]
    strong = " AND ".join(f"{_quoted(name)} IS NULL" for name in names if name not in _WEAK)
    return f"if({strong}, NULL, {_hash([schema.column(name) for name in names])})"


def _content(schema: TableSchema) -> str:
    return _hash([column for column in schema.columns if column.name not in _NOT_CONTENT])


def _hash(columns: Sequence[Column]) -> str:
    # No value holds a C0 control, so U+001F between values and U+0000 for null can be taken for nothing else.
    values = [f"coalesce({_quoted(column.name)}::VARCHAR, chr(0)), chr(31)" for column in columns]
    return f"unhex(sha256(concat({', '.join(values)})))"


def _none_of(schema: TableSchema) -> str:
    columns = ", ".join(f"NULL::VARCHAR AS {_quoted(name)}" for name in schema.names)
    return f"(SELECT {columns}, '' AS filename, 0::BIGINT AS file_row_number WHERE false)"


def _quoted(name: str) -> str:
    return f'"{name}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
