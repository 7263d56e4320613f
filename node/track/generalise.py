"""The public rows of sensitive specimens: made of the exact ones at each crawl, written where changed."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.fetch.url import without_secrets
from hashstore.digest import Digest
from manifests.delta import delta
from manifests.schema import TableSchema
from manifests.tables import MEDIA, SPECIMEN
from node.disclosure.generalise import generalised_medium, generalised_specimen
from node.disclosure.treatment import Treatment
from node.index import Index
from node.track.earlier import GENERALISED, export_current
from node.track.listed import batch_of
from node.track.sensitive import exact_rows
from node.track.session import Session
from node.track.staged import StagedSource
from node.track.withhold import Hidden

_BATCH = 5_000
Row = Mapping[str, Any]


def generalised_batches(
    session: Session,
    index: Index,
    staged: StagedSource,
    hidden: Hidden,
    derivatives: Mapping[str, Digest],
) -> Iterator[tuple[TableSchema, pa.RecordBatch]]:
    """What changed in the public rows of a source's sensitive specimens and their media.

    Args:
        session: The crawl.
        index: The open index.
        staged: The source.
        hidden: What of it is withheld, and of which of these a less exact row is told.
        derivatives: Public derivatives of images by the address of the original.
    """
    folder = session.staging / "generalised" / str(uuid.uuid5(uuid.NAMESPACE_URL, staged.source))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    specimens: dict[str, Row] = {}
    made = {
        SPECIMEN: _specimens(session, index, staged, hidden, specimens),
        MEDIA: _media(session, index, staged, hidden, specimens, derivatives),
    }
    for schema, rows in made.items():
        now, before = folder / f"{schema.name}.parquet", folder / f"{schema.name}.before.parquet"
        _write(now, schema, rows)
        export_current(index, staged.source, schema.name, before, GENERALISED)
        previous = f"(SELECT * FROM read_parquet('{str(before).replace(chr(39), chr(39) * 2)}'))"
        for batch in delta(index.connection, schema, previous, [now]):
            yield schema, batch


def _write(path: Path, schema: TableSchema, rows: Iterator[dict[str, Any]]) -> None:
    with pq.ParquetWriter(path, schema.arrow, compression="zstd") as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_batch(batch_of(batch, schema.arrow))


def _specimens(
    session: Session, index: Index, staged: StagedSource, hidden: Hidden, specimens: dict[str, Row]
) -> Iterator[dict[str, Any]]:
    """Public rows; the exact ones are kept in `specimens`, by id or source row, for their media."""
    if not (hidden.told or hidden.told_rows):
        return
    secret = session.node.commitment_secret
    for row, how in _told(exact_rows(index, staged, "specimen", list(SPECIMEN.names)), hidden):
        public = generalised_specimen(row, how, secret)
        if public is not None:
            specimens[_key(row)] = row
            yield public


def _media(
    session: Session,
    index: Index,
    staged: StagedSource,
    hidden: Hidden,
    specimens: Mapping[str, Row],
    derivatives: Mapping[str, Digest],
) -> Iterator[dict[str, Any]]:
    if not specimens:
        return
    secret = session.node.commitment_secret
    for row, _ in _told(exact_rows(index, staged, "media", list(MEDIA.names)), hidden):
        if (specimen := specimens.get(_key(row))) is not None:
            url = address_of(row)
            public = generalised_medium(row, specimen, derivatives.get(url) if url else None, secret)
            if public is not None:
                yield public


def _told(batches: Iterable[pa.RecordBatch], hidden: Hidden) -> Iterator[tuple[Row, Treatment]]:
    for batch in batches:
        ids, rows = batch.column("id").to_pylist(), batch.column("sourceRow").to_pylist()
        for place, (id, row) in enumerate(zip(ids, rows, strict=True)):
            how = hidden.told_rows.get(row) if id is None else hidden.told.get(id)
            if how is not None:
                [exact] = batch.slice(place, 1).to_pylist()
                yield exact, how


def _key(row: Row) -> str:
    return str(row["sourceRow"] if row["id"] is None else row["id"])


def address_of(medium: Row) -> str | None:
    """The address of a medium's bytes, as its capture calls it; the same that the plan of images takes."""
    url = (medium.get("accessURI") or "").strip()
    if not url and "://" in (medium.get("identifier") or ""):
        url = (medium["identifier"] or "").strip()
    return without_secrets(url) if url else None
