"""The careful path: any file that can be read at all, record by record, in bounded memory."""

from collections import Counter

import numpy as np
import pyarrow as pa

from crawlers.dwca.columns import Batch, media_batch, table_batch
from crawlers.dwca.job import Job, Outcome
from crawlers.dwca.limits import Limits
from crawlers.dwca.plan import RowPlan
from crawlers.dwca.records import MESSAGES, Record, read_records
from crawlers.dwca.rows import clean, flag_text, flags, is_blank, span, verbatim
from crawlers.dwca.staging import PartWriter
from manifests.tables import MEDIA, QUARANTINE

_BATCH = 4096
_CHARACTERS = 8 << 20


def convert_carefully(job: Job, limits: Limits) -> Outcome:
    """Read a data file by the csv module and write its rows."""
    core, tally, blank, landed = job.plan.core, Counter[str](), 0, 0
    rows = PartWriter(job.plan.table, job.out.with_suffix(".rows"), core=core)
    media = PartWriter(MEDIA, job.out.with_suffix(".media"), core=core, derived=True)
    bad = PartWriter(QUARANTINE, job.out.with_suffix(".bad"), core=core)
    with rows, media, bad:
        waiting: list[Record] = []
        size = 0
        for record in read_records(job.path, job.cut, limits):
            if record.trouble is not None:
                tally[record.trouble] += 1
                bad.write(quarantine_row(record, job))
            elif is_blank(record, job.plan.width):
                blank += 1
            else:
                waiting.append(record)
                landed += 1
                size += sum(map(len, record.fields))
            if len(waiting) == _BATCH or size > _CHARACTERS:
                _land(waiting, job, rows, media)
                waiting, size = [], 0
        _land(waiting, job, rows, media)
    parts = tuple(part for writer in (rows, media, bad) if (part := writer.part()))
    return Outcome(parts, landed, tuple(sorted(tally.items())), blank, "careful")


def quarantine_row(record: Record, job: Job) -> dict[str, str | int | None]:
    """The row that tells of a record that could not land."""
    assert record.trouble is not None
    return {
        "source": job.source,
        "sourceRow": job.address + span(record.first, record.last),
        "file": job.plan.file,
        "line": record.first,
        "code": record.trouble.value,
        "message": MESSAGES[record.trouble],
    }


def _land(records: list[Record], job: Job, rows: PartWriter, media: PartWriter) -> None:
    if not records:
        return
    table = table_of_records(records, job)
    rows.write_batch(table)
    if job.plan.media:
        media.write_batch(media_batch(table))


def table_of_records(records: list[Record], job: Job) -> pa.RecordBatch:
    """The rows of some records, at least one, with exactly the columns of the plan's table."""
    plan = job.plan
    cleaned = [clean(record.fields) for record in records]
    table = table_batch(_batch(records, [fields for fields, _ in cleaned], plan.width), job)
    codes = [
        flag_text(flags(record, fields, plan, controls=controls))
        for record, (fields, controls) in zip(records, cleaned, strict=True)
    ]
    table = _replaced(table, "flags", codes)
    if all(len(fields) <= plan.width for fields, _ in cleaned):
        return table
    return _replaced(table, "verbatim", _with_extra(table, [fields for fields, _ in cleaned], plan))


def _batch(records: list[Record], rows: list[list[str]], width: int) -> Batch:
    padded = [fields[:width] + [""] * (width - len(fields)) for fields in rows]
    columns = [
        pa.array([text or None for text in column], pa.string()) for column in zip(*padded, strict=True)
    ]
    first = np.array([record.first for record in records], np.int64)
    last = np.array([record.last for record in records], np.int64)
    return Batch(tuple(columns), first, last - first + 1, None)


def _with_extra(table: pa.RecordBatch, rows: list[list[str]], plan: RowPlan) -> list[str | None]:
    texts: list[str | None] = table.column("verbatim").to_pylist()
    for number, fields in enumerate(rows):
        if len(fields) > plan.width:
            texts[number] = verbatim(fields, plan)
    return texts


def _replaced(table: pa.RecordBatch, name: str, texts: list[str | None]) -> pa.RecordBatch:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), pa.array(texts, pa.string()))
