"""The fast path: regular files by Arrow's CSV reader, batch by batch.

Arrow cuts fields exactly as the csv module does (a law tested with Hypothesis), but keeps no line numbers,
drops empty lines, and stops at the first record of another width. So a file is read this way only if its
bytes allow it (survey.py), and what was read counts only if records and the newlines inside them add up to
the file's lines.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from crawlers.dwca.columns import Batch, media_batch, table_batch
from crawlers.dwca.job import Job, Outcome
from crawlers.dwca.limits import Limits
from crawlers.dwca.staging import PartWriter
from crawlers.dwca.survey import Survey, ends_in_quote, survey
from manifests.tables import MEDIA

_BLOCK = 4 << 20


def convert_fast(job: Job, limits: Limits) -> Outcome | None:
    """Read a data file by Arrow and write its rows; None, and no parts, where the careful reader must."""
    found = survey(job.path, job.cut, job.plan.width, limits)
    if found is None:
        return None
    core = job.plan.core
    rows = PartWriter(job.plan.table, job.out.with_suffix(".rows"), core=core)
    media = PartWriter(MEDIA, job.out.with_suffix(".media"), core=core, derived=True)
    landed, line, last = 0, found.first_line, 1
    try:
        with rows, media:
            for batch in _batches(job, found, limits):
                taken = Batch.of(batch, line)
                table = table_batch(taken, job)
                rows.write_batch(table)
                if job.plan.media:
                    media.write_batch(media_batch(table))
                landed += batch.num_rows
                line, last = taken.next_line, taken.last_height
    except _Irregular:
        landed = -1
    regular = landed >= 0 and line - found.first_line == found.lines
    if not regular or ends_in_quote(job.path, job.cut, last, found.blank_lines):
        for writer in (rows, media):
            if part := writer.part():
                part.path.unlink()
        return None
    parts = tuple(part for writer in (rows, media) if (part := writer.part()))
    return Outcome(parts, landed, (), found.blank_lines, "fast")


class _Irregular(Exception):
    """The file turned out to be one for the careful reader."""


def _batches(job: Job, found: Survey, limits: Limits) -> Iterator[pa.RecordBatch]:
    if found.lines == 0:
        return
    names = [str(i) for i in range(job.plan.width)]
    with pa.OSFile(str(job.path)) as stream:
        stream.seek(found.start)
        try:
            for batch in _open(stream, job, names):
                _check_lengths(batch, limits.max_field)
                yield batch
        except pa.ArrowInvalid as error:
            raise _Irregular from error


def _open(stream: pa.NativeFile, job: Job, names: list[str]) -> pc.CSVStreamingReader:
    quote = job.cut.quote
    return pc.open_csv(
        stream,
        read_options=pc.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
        parse_options=pc.ParseOptions(
            delimiter=job.cut.delimiter,
            quote_char=quote or False,
            double_quote=bool(quote),
            escape_char=False,
            newlines_in_values=bool(quote),
        ),
        convert_options=pc.ConvertOptions(
            column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
        ),
    )


def _check_lengths(batch: pa.RecordBatch, max_field: int) -> None:
    for column in batch.columns:
        offsets = np.frombuffer(column.buffers()[1], np.int32)
        if offsets[-1] > max_field and np.diff(offsets).max() > max_field:
            raise _Irregular
