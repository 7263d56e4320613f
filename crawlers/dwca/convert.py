"""From an archive to staging tables: finds its files, reads each, marks rows, joins parts, counts."""

import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import duckdb

from crawlers.dwca.careful import convert_carefully
from crawlers.dwca.container import Container, Digests, opened
from crawlers.dwca.database import quoted, scratch_database
from crawlers.dwca.dialect import as_utf8, header_cells, settle
from crawlers.dwca.fast import convert_fast
from crawlers.dwca.job import Job, Outcome
from crawlers.dwca.layout import Layout, find_layout
from crawlers.dwca.limits import Limits
from crawlers.dwca.plan import plan_rows
from crawlers.dwca.report import ConversionReport, FileReport
from crawlers.dwca.stages import Stages
from crawlers.dwca.staging import join_parts
from crawlers.dwca.whole import mark_whole
from crawlers.eml import DatasetMetadata, parse_eml
from crawlers.errors import CrawlerError
from manifests.schema import TableSchema
from manifests.tables import MEDIA, QUARANTINE, RECORD, SPECIMEN

STAGED: tuple[TableSchema, ...] = (SPECIMEN, MEDIA, RECORD, QUARANTINE)


def convert_here(
    archive: Path,
    digests: Digests,
    source: str,
    out: Path,
    limits: Limits | None = None,
    *,
    name: str | None = None,
    fast: bool = True,
) -> ConversionReport:
    """Convert an archive in this very process; `convert_archive` does the same in a box.

    With `fast` off, the careful reader reads every file. The tables are the same either way.

    Raises:
        ArchiveRefused: The archive cannot be taken.
    """
    limits = limits or Limits()
    out.mkdir(parents=True, exist_ok=True)
    scratch = out / ".scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        with opened(archive, digests, scratch, limits, name) as container:
            layout = find_layout(container, name or archive.name, scratch, limits)
            return _convert(container, layout, source, out, scratch, limits, fast=fast)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _convert(
    container: Container, layout: Layout, source: str, out: Path, scratch: Path, limits: Limits, *, fast: bool
) -> ConversionReport:
    stages = Stages()
    with scratch_database(scratch, limits) as database:
        with stages.stage("read"), ThreadPoolExecutor(limits.threads) as pool:
            read = pool.map(
                lambda number: _read(container, layout, number, source, scratch, limits, fast=fast),
                range(len(layout.tables)),
            )
            files, outcomes = zip(*read, strict=True)
        parts = [part for outcome in outcomes for part in outcome.parts]
        with stages.stage("mark"):
            mark_whole(parts, database)
        with stages.stage("join"):
            tables = {t.name: join_parts(parts, t, out / f"{t.name}.parquet") for t in STAGED}
        with stages.stage("count"):
            flags = _flag_counts(out, database)
    metadata, fault = _metadata(container, layout)
    return ConversionReport(
        core_row_type=layout.descriptor.core.row_type,
        files=files,
        tables=MappingProxyType(tables),
        flags=flags,
        warnings=layout.warnings,
        metadata_name=layout.metadata.path if layout.metadata else None,
        metadata=metadata,
        metadata_fault=fault,
        seconds=stages.seconds,
    )


def _read(
    container: Container,
    layout: Layout,
    number: int,
    source: str,
    scratch: Path,
    limits: Limits,
    *,
    fast: bool,
) -> tuple[FileReport, Outcome]:
    job = make_job(container, layout, number, source, scratch, limits)
    outcome = (convert_fast(job, limits) if fast else None) or convert_carefully(job, limits)
    return _file_report(job, outcome), outcome


def make_job(
    container: Container, layout: Layout, number: int, source: str, scratch: Path, limits: Limits
) -> Job:
    """Unpack one data file and settle how to read it."""
    table = layout.tables[number]
    path, dialect = as_utf8(
        container.extract(table.member), table.data.dialect, table.location, scratch / f"utf8-{number}"
    )
    cut = settle(dialect, path, table.location, limits.max_line)
    header = header_cells(path, cut, limits.max_line)
    plan = plan_rows(table.data, layout.descriptor.core.row_type, table.location, header)
    return Job(path, cut, plan, source, container.address(table.member), scratch / f"part-{number}")


def _file_report(job: Job, outcome: Outcome) -> FileReport:
    return FileReport(
        file=job.plan.file,
        row_type=job.plan.row_type,
        table=job.plan.table.name,
        rows=outcome.rows,
        quarantined=MappingProxyType(dict(outcome.quarantined)),
        blank_lines=outcome.blank_lines,
        reader=outcome.reader,
    )


def _metadata(container: Container, layout: Layout) -> tuple[DatasetMetadata | None, str | None]:
    """What the metadata document says, or why it cannot be read; its records are taken all the same."""
    if layout.metadata is None:
        return None, None
    try:
        return parse_eml(container.extract(layout.metadata).read_bytes()), None
    except CrawlerError as error:
        return None, str(error)


def _flag_counts(out: Path, database: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    files = ", ".join(quoted(str(out / f"{t.name}.parquet")) for t in (SPECIMEN, MEDIA, RECORD))
    rows = database.execute(
        f"""SELECT code, sum(times)::BIGINT FROM (
              SELECT unnest(string_split(flags[3:-3], '","')) AS code, times FROM (
                SELECT flags, count(*) AS times FROM read_parquet([{files}], union_by_name = true)
                WHERE flags IS NOT NULL GROUP BY flags))
            GROUP BY code ORDER BY code"""
    ).fetchall()
    return MappingProxyType(dict(rows))
