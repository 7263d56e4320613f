"""indexDigest: two indexes are the same if it is, however their files differ (spec/index.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.errors import ManifestError
from manifests.row_encoder import RowEncoder
from manifests.schema import TableSchema
from manifests.tables import TABLES
from node.errors import IndexUnusable
from node.index.database import Index

_BATCH = 50_000


def index_digest(index: Index) -> Digest:
    """The digest over every row of the index in its order: by table name, log index and row.

    It reads what the index really holds, so it also tells a damaged index from a sound one.

    Raises:
        IndexUnusable: the index cannot be read, or a row of it cannot be canonical.
    """
    try:
        tables = {name: _table_digest(index, schema) for name, schema in TABLES.items()}
        own = {name: _own_digest(index, name) for name in ("leaf", "statement")}
    except (duckdb.Error, ManifestError) as error:
        raise IndexUnusable(
            f"The index {index.path} cannot be read through ({error}). Make it anew: vasculum index rebuild"
        ) from error
    return Digest.of(canonical_json({**own, **tables, "logSize": index.meta("log_size")}))


def _table_digest(index: Index, schema: TableSchema) -> str:
    r"""SHA-256 over `<log index> <row> <access> <current>\n<leaf hash>` of each row."""
    hasher = hashlib.sha256()
    encoder = RowEncoder(schema)
    try:
        for batch in _batches(index, schema):
            standing = zip(
                *(batch.column(name).to_pylist() for name in ("log_index", "row", "access", "current")),
                strict=True,
            )
            hashes = encoder.leaf_hashes(batch.select(list(schema.names)).cast(schema.arrow))
            for (log_index, row, access, current), row_hash in zip(standing, hashes, strict=True):
                hasher.update(f"{log_index} {row} {access} {int(current)}\n".encode() + row_hash)
    finally:
        encoder.close()
    return Digest(hasher.digest()).uri


def _batches(index: Index, schema: TableSchema) -> Iterator[pa.RecordBatch]:
    """A table's rows, segment by segment: sorting one at a time keeps memory bounded."""
    leaves = index.rows("SELECT log_index FROM leaf WHERE table_name = ? ORDER BY log_index", [schema.name])
    known = {leaf["log_index"] for leaf in leaves}
    strays = index.rows(f"SELECT DISTINCT log_index FROM {schema.name}")
    for log_index in sorted(known | {stray["log_index"] for stray in strays}):
        query = f"SELECT * FROM {schema.name} WHERE log_index = {int(log_index)} ORDER BY row"
        yield from index.connection.sql(query).to_arrow_reader(_BATCH)


def _own_digest(index: Index, table: str) -> str:
    """SHA-256 over the rows of `leaf` or `statement`, as canonical JSON lines."""
    hasher = hashlib.sha256()
    for row in index.rows(f"SELECT * FROM {table} ORDER BY log_index"):
        line = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        hasher.update(canonical_json(line) + b"\n")
    return Digest(hasher.digest()).uri
