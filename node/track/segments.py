"""Write a crawl's rows into segments: deltas only, split by access class."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from hashstore.blobstore import Sealed
from manifests.access import AccessClass
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter
from manifests.tables import CAPTURE, MEDIA, QUARANTINE, RECORD, SPECIMEN
from node.index import Index
from node.policy import withheld_specimens
from node.track.delta import changed_batches
from node.track.listed import batch_of
from node.track.plan import index_withheld_ids, withheld_ids
from node.track.session import Session
from node.track.staged import StagedSource

_BATCH = 10_000


class TableWriters:
    """The writers of one crawl: one for each table and access class, opened when first needed."""

    def __init__(self, session: Session) -> None:
        self._store = session.node.store
        self._writers: dict[tuple[str, AccessClass], SegmentWriter] = {}
        self._open = ExitStack()
        self.changes: dict[str, Counter[str]] = {}

    def __enter__(self) -> TableWriters:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, schema: TableSchema, batch: pa.RecordBatch, hidden: pa.BooleanArray) -> None:
        """Take rows; `hidden` says of each whether it is withheld."""
        if "change" in schema.names:
            counts = self.changes.setdefault(schema.name, Counter())
            counts.update(batch.column("change").to_pylist())
        secret = batch.filter(hidden)
        if secret.num_rows:
            self._writer(schema, AccessClass.WITHHELD).write(_salted(secret))
        if secret.num_rows < batch.num_rows:
            self._writer(schema, AccessClass.PUBLIC).write(batch.filter(pc.invert(hidden)))

    def finish(self) -> tuple[tuple[Segment, Sealed], ...]:
        """End every writer: segments by table and access class, not committed yet."""
        return tuple(finished for key in sorted(self._writers) for finished in self._writers[key].finish())

    def _writer(self, schema: TableSchema, access: AccessClass) -> SegmentWriter:
        key = (schema.name, access)
        if key not in self._writers:
            writer = SegmentWriter(self._store, schema, access)
            self._writers[key] = self._open.enter_context(writer)
        return self._writers[key]


def write_staged(session: Session, index: Index, staged: StagedSource, writers: TableWriters) -> bool:
    """Write what changed in one source; returns whether any of it is withheld."""
    ids = withheld_ids(session.node, index, staged)
    hidden_ids = pa.array(sorted(ids), pa.string())
    secret_before = pa.array(sorted(index_withheld_ids(index, staged.source)), pa.string())
    rules = session.node.config.policy.withhold
    found = bool(ids)
    for schema in (SPECIMEN, MEDIA, RECORD, QUARANTINE):
        for batch in changed_batches(session, index, staged, schema):
            hidden = _hidden(schema, batch, hidden_ids, secret_before)
            if schema is SPECIMEN and rules:
                hidden = pc.or_(hidden, withheld_specimens(rules, batch))
            found = found or bool(pc.any(hidden).as_py())
            writers.write(schema, batch, hidden)
    return found


def write_captures(session: Session, writers: TableWriters) -> None:
    """Write every capture of the crawl."""
    for hidden in (False, True):
        for batch in _batches(session.journal.captures(session.crawl, withheld=hidden)):
            mask = pa.array([hidden] * batch.num_rows, pa.bool_())
            writers.write(CAPTURE, batch, mask)


def _batches(rows: Iterator[Any]) -> Iterable[pa.RecordBatch]:
    while batch := list(islice(rows, _BATCH)):
        yield batch_of(batch, CAPTURE.arrow)


def _hidden(
    schema: TableSchema, batch: pa.RecordBatch, ids: pa.Array, secret_before: pa.Array
) -> pa.BooleanArray:
    """Rows that hang on a withheld specimen, or remove a row that was withheld.

    A quarantined row hangs on nothing: it tells a file, a line and a reason.
    """
    if schema is QUARANTINE:
        return pa.array([False] * batch.num_rows, pa.bool_())
    hidden = pc.is_in(batch.column("id"), value_set=ids)
    removed = pc.equal(batch.column("change"), "removed")
    return pc.or_(hidden, pc.and_(removed, pc.is_in(batch.column("id"), value_set=secret_before)))


def _salted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give each withheld row random text, so that nobody can guess a row and recognise its hash."""
    salts = pa.array([secrets.token_hex(16) for _ in range(batch.num_rows)])
    return batch.set_column(batch.schema.get_field_index("salt"), batch.schema.field("salt"), salts)
