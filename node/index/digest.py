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
from node.index.ddl import OWN_LOG

_BATCH = 50_000


def index_digest(index: Index) -> Digest:
    """The digest over all logs of the index: the node's own, and the followed ones by their origins.

    It reads what the index really holds, so it also tells a damaged index from a sound one.

    Raises:
        IndexUnusable: the index cannot be read, or a row of it cannot be canonical.
    """
    origins = index.origins()
    followed = {origin: log_digest(index, log).uri for log, origin in origins.items() if origin is not None}
    return Digest.of(canonical_json({"own": log_digest(index, OWN_LOG).uri, "followed": followed}))


def log_digest(index: Index, log: int, *, public: bool = False) -> Digest:
    """The digest over every row of one log in its order: by table name, log index and row.

    Args:
        index: The open index.
        log: The log's number in it.
        public: Leave out rows that are not public, so that a node and its followers come to the same digest.

    Raises:
        IndexUnusable: the index cannot be read, or a row of it cannot be canonical.
    """
    try:
        tables = {name: _table_digest(index, schema, log, public) for name, schema in TABLES.items()}
        own = {name: _own_digest(index, name, log) for name in ("leaf", "statement")}
    except (duckdb.Error, ManifestError) as error:
        raise IndexUnusable(
            f"The index {index.path} cannot be read through ({error}). Make it anew: vasculum index rebuild"
        ) from error
    return Digest.of(canonical_json({**own, **tables, "logSize": index.log_size(log)}))


def _table_digest(index: Index, schema: TableSchema, log: int, public: bool) -> str:
    r"""SHA-256 over `<log index> <row> <access> <current>\n<leaf hash>` of each row."""
    hasher = hashlib.sha256()
    encoder = RowEncoder(schema)
    try:
        for batch in _batches(index, schema, log, public):
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


def _batches(index: Index, schema: TableSchema, log: int, public: bool) -> Iterator[pa.RecordBatch]:
    """A table's rows, segment by segment: sorting one at a time keeps memory bounded."""
    readable = "AND access = 'public'" if public else ""
    standing = index.rows(
        f"SELECT DISTINCT log_index FROM {schema.name} WHERE log = ? {readable} ORDER BY log_index", [log]
    )
    for (log_index,) in (found.values() for found in standing):
        query = (
            f"SELECT * EXCLUDE (log) FROM {schema.name} WHERE log = {int(log)} "
            f"AND log_index = {int(log_index)} {readable} ORDER BY row"
        )
        yield from index.connection.sql(query).to_arrow_reader(_BATCH)


def _own_digest(index: Index, table: str, log: int) -> str:
    """SHA-256 over the rows of `leaf` or `statement`, as canonical JSON lines."""
    hasher = hashlib.sha256()
    for row in index.rows(f"SELECT * EXCLUDE (log) FROM {table} WHERE log = ? ORDER BY log_index", [log]):
        line = {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()}
        hasher.update(canonical_json(line) + b"\n")
    return Digest(hasher.digest()).uri
