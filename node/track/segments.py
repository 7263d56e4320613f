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

from crawlers.dwca.rows import Flag
from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.quality.interpreter import issue_counts
from manifests.quality.steps import interpreter
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter
from manifests.tables import CAPTURE, MEDIA, QUARANTINE, RECORD, SPECIMEN
from node.index import Index
from node.policy import withheld_specimens
from node.track.delta import changed_batches
from node.track.derivatives import Derivatives, public_twin
from node.track.generalise import generalised_batches
from node.track.listed import batch_of
from node.track.session import Session
from node.track.staged import StagedSource
from node.track.withhold import Hidden, spread

_BATCH = 10_000


class TableWriters:
    """The writers of one crawl: one for each table and access class, opened when first needed."""

    def __init__(self, session: Session) -> None:
        self._store = session.node.store
        self._writers: dict[tuple[str, AccessClass], SegmentWriter] = {}
        self._open = ExitStack()
        self._interpreter = interpreter(session.state.started[:10])
        self.changes: dict[str, Counter[str]] = {}
        self.flagged: dict[str, Counter[str]] = {}
        self.unlinked = 0

    def __enter__(self) -> TableWriters:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, schema: TableSchema, batch: pa.RecordBatch, hidden: pa.BooleanArray) -> None:
        """Take rows as they were read; `hidden` says of each whether it is withheld."""
        if "change" in schema.names:
            counts = self.changes.setdefault(schema.name, Counter())
            counts.update(batch.column("change").to_pylist())
        secret = batch.filter(hidden)
        if secret.num_rows:
            interpreted = self._interpreter.interpret(schema, secret)
            self._writer(schema, AccessClass.WITHHELD).write(_salted(interpreted))
        if secret.num_rows < batch.num_rows:
            self.write_public(schema, batch.filter(pc.invert(hidden)))

    def write_public(self, schema: TableSchema, batch: pa.RecordBatch) -> None:
        """Take rows that are public and not to be counted as changes of the source.

        They are interpreted as the public sees them: what is made of a place that is told less exactly cannot
        tell more than it.
        """
        interpreted = self._interpreter.interpret(schema, batch)
        self.flagged.setdefault(schema.name, Counter()).update(issue_counts(interpreted))
        self.unlinked += unlinked_in(schema, batch)
        self._writer(schema, AccessClass.PUBLIC).write(interpreted)

    def finish(self) -> tuple[tuple[Segment, Sealed], ...]:
        """End every writer: segments by table and access class, not committed yet."""
        return tuple(finished for key in sorted(self._writers) for finished in self._writers[key].finish())

    def _writer(self, schema: TableSchema, access: AccessClass) -> SegmentWriter:
        key = (schema.name, access)
        if key not in self._writers:
            writer = SegmentWriter(self._store, schema, access)
            self._writers[key] = self._open.enter_context(writer)
        return self._writers[key]


def unlinked_in(schema: TableSchema, batch: pa.RecordBatch) -> int:
    """How many media rows of a batch name a specimen that their source lacks; gone ones do not count."""
    if schema is not MEDIA:
        return 0
    here = pc.fill_null(pc.not_equal(batch.column("change"), "removed"), True)
    adrift = pc.fill_null(pc.match_substring(batch.column("flags"), f'"{Flag.ORPHAN}"'), False)
    return int(pc.sum(pc.and_(here, adrift)).as_py() or 0)


def write_staged(
    session: Session,
    index: Index,
    staged: StagedSource,
    hidden: Hidden,
    derivatives: Derivatives,
    writers: TableWriters,
) -> bool:
    """Write what changed in one source; returns whether any of it is withheld."""
    if hidden.published:
        session.listener.say(
            f"{hidden.published:,} records that your settings withhold were published by an earlier crawl. "
            "What was signed stays; from now on their images are withheld. To take the rows back: "
            "vasculum withdraw"
        )
    rules = session.node.config.policy.withhold
    # A specimen that could not land may be one that a rule names, and the archive holds it.
    found = bool(hidden) or bool(session.node.config.withholds and staged.quarantined)
    for schema in (SPECIMEN, MEDIA, RECORD, QUARANTINE):
        for batch in changed_batches(session, index, staged, schema):
            mask = hidden.mask(schema, batch)
            if schema is SPECIMEN and rules:
                mask = pc.or_(mask, withheld_specimens(rules, batch))
            found = found or bool(pc.any(mask).as_py())
            writers.write(schema, batch, mask)
    for schema, batch in generalised_batches(session, index, staged, hidden, derivatives.by_url):
        writers.write_public(schema, batch)
    return found


def write_captures(session: Session, index: Index, derivatives: Derivatives, writers: TableWriters) -> None:
    """Write every capture of the crawl, and one for each derivative that stands in for a withheld image."""
    spread(session, index)
    for batch in _batches(session.journal.captures(session.crawl, withheld=False)):
        writers.write_public(CAPTURE, batch)
    for batch in _batches(_linked(session, derivatives)):
        writers.write(CAPTURE, batch, pa.array([True] * batch.num_rows, pa.bool_()))
    for batch in _batches(_twins(session, derivatives)):
        writers.write_public(CAPTURE, batch)


def _linked(session: Session, derivatives: Derivatives) -> Iterator[dict[str, Any]]:
    """Withheld captures, each with the public derivative of its bytes."""
    for row in session.journal.captures(session.crawl, withheld=True):
        found = derivatives.by_original.get(Digest(row["digest"])) if row["digest"] else None
        yield {**row, "derivative": found.raw if found else None}


def _twins(session: Session, derivatives: Derivatives) -> Iterator[dict[str, Any]]:
    for row in _linked(session, derivatives):
        if row["derivative"] is not None:
            named = row["url"] in derivatives.named
            yield public_twin(session, row, Digest(row["derivative"]), named)


def _batches(rows: Iterator[Any]) -> Iterable[pa.RecordBatch]:
    while batch := list(islice(rows, _BATCH)):
        yield batch_of(batch, CAPTURE.arrow)


def _salted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Give each withheld row random text, so that nobody can guess a row and recognise its hash."""
    salts = pa.array([secrets.token_hex(16) for _ in range(batch.num_rows)])
    return batch.set_column(batch.schema.get_field_index("salt"), batch.schema.field("salt"), salts)
