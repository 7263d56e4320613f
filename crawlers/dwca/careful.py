"""The careful path: any file that can be read at all, record by record, in bounded memory."""

from collections import Counter

from crawlers.dwca.job import Job, Outcome
from crawlers.dwca.limits import Limits
from crawlers.dwca.records import MESSAGES, Record, read_records
from crawlers.dwca.rows import is_blank, media_rows, span, table_row
from crawlers.dwca.staging import PartWriter
from manifests.tables import MEDIA, QUARANTINE


def convert_carefully(job: Job, limits: Limits) -> Outcome:
    """Read a data file by the csv module and write its rows."""
    core, tally, blank, landed = job.plan.core, Counter[str](), 0, 0
    rows = PartWriter(job.plan.table, job.out.with_suffix(".rows"), core=core)
    media = PartWriter(MEDIA, job.out.with_suffix(".media"), core=core, derived=True)
    bad = PartWriter(QUARANTINE, job.out.with_suffix(".bad"), core=core)
    with rows, media, bad:
        for record in read_records(job.path, job.cut, limits):
            if record.trouble is not None:
                tally[record.trouble] += 1
                bad.write(quarantine_row(record, job))
            elif is_blank(record, job.plan.width):
                blank += 1
            else:
                row = table_row(record, job.plan, job.source, job.address)
                rows.write(row)
                landed += 1
                for medium in media_rows(row) if job.plan.media else ():
                    media.write(medium)
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
