"""The tables of the index, made from the table schemas of the segments."""

from __future__ import annotations

from manifests.schema import TableSchema
from manifests.tables import TABLES

# Raised when these tables change shape; an index of another version is rebuilt, not migrated.
INDEX_VERSION = 7

# The number of the node's own log; followed ones are numbered as they come.
OWN_LOG = 0

_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN", "digest": "BLOB", "json": "VARCHAR"}

_OWN = """
CREATE TABLE meta (name VARCHAR PRIMARY KEY, number BIGINT NOT NULL);
CREATE TABLE log (number INTEGER PRIMARY KEY, origin VARCHAR UNIQUE, size BIGINT NOT NULL);
CREATE TABLE leaf (
    log INTEGER NOT NULL, log_index BIGINT NOT NULL, kind VARCHAR NOT NULL, statement BLOB NOT NULL,
    segment BLOB, table_name VARCHAR, schema BLOB, row_count BIGINT, rows_root BLOB, access VARCHAR,
    PRIMARY KEY (log, log_index)
);
CREATE TABLE statement (
    log INTEGER NOT NULL, log_index BIGINT NOT NULL, digest BLOB NOT NULL, iri VARCHAR NOT NULL,
    kind VARCHAR NOT NULL, signer VARCHAR NOT NULL, source VARCHAR, started VARCHAR, ended VARCHAR,
    document VARCHAR NOT NULL,
    PRIMARY KEY (log, log_index)
);
CREATE TABLE void (log INTEGER NOT NULL, log_index BIGINT NOT NULL, digest BLOB NOT NULL, media_type VARCHAR);
CREATE TABLE withdrawn (log INTEGER, digest BLOB NOT NULL, row BIGINT, deletes BOOLEAN NOT NULL);
"""


def quoted(name: str) -> str:
    """A column or table name as SQL: many Darwin Core terms (`order`, `class`) are SQL words."""
    return '"' + name.replace('"', '""') + '"'


def table_ddl(schema: TableSchema) -> str:
    """CREATE TABLE for the rows of one schema.

    `log`, `log_index` and `row` (from 1) say where the row stands; `current` is false for a row that a
    later one changes or removes, and for a row that says that something is gone.
    """
    columns = ", ".join(f"{quoted(column.name)} {_TYPES[column.type]}" for column in schema.columns)
    return (
        f"CREATE TABLE {quoted(schema.name)} (log INTEGER NOT NULL, log_index BIGINT NOT NULL, "
        f"row BIGINT NOT NULL, "
        f"access VARCHAR NOT NULL, current BOOLEAN NOT NULL, {columns})"
    )


def index_ddl() -> tuple[str, ...]:
    """Every statement that makes an empty index."""
    own = tuple(part.strip() for part in _OWN.split(";") if part.strip())
    tables = tuple(table_ddl(schema) for schema in TABLES.values())
    return (*own, *tables, *(_own_view(name) for name in ("leaf", "statement", *TABLES)))


def _own_view(table: str) -> str:
    """A view of what this node itself has published: to track and to cite, others' rows are no ground."""
    name = quoted(f"own_{table}")
    return f"CREATE VIEW {name} AS SELECT * EXCLUDE (log) FROM {quoted(table)} WHERE log = {OWN_LOG}"
