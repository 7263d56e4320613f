"""Staging tables: Parquet parts, one for each data file and table, joined into one file for each table."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.schema import TableSchema

_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table from one data file. `derived` rows were made from others (associatedMedia)."""

    table: TableSchema
    path: Path
    rows: int
    core: bool
    derived: bool = False


class PartWriter:
    """Writes rows, as mappings or batches, into one Parquet part; the file exists only if a row does."""

    def __init__(self, table: TableSchema, path: Path, *, core: bool, derived: bool = False) -> None:
        self._table = table
        self._path = path
        self._core = core
        self._derived = derived
        self._schema: pa.Schema = table.arrow
        self._rows: list[Mapping[str, str | int | None]] = []
        self._written = 0
        self._writer: Any = None
        # Writing overlaps with making the next batch; one batch waits at most, so memory stays bounded.
        self._thread = ThreadPoolExecutor(1)
        self._pending: Future[None] | None = None

    def __enter__(self) -> "PartWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._flush()
            self._settle()
        finally:
            self._thread.shutdown()
            if self._writer is not None:
                self._writer.close()

    def write(self, row: Mapping[str, str | int | None]) -> None:
        """Add one row; columns that it does not name are NULL."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Add a batch of exactly the table's columns."""
        if batch.num_rows:
            self._settle()
            self._pending = self._thread.submit(self._put, batch)

    def part(self) -> Part | None:
        """What was written, once closed; None for nothing."""
        if not self._written:
            return None
        return Part(self._table, self._path, self._written, self._core, self._derived)

    def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def _put(self, batch: pa.RecordBatch) -> None:
        if self._writer is None:
            self._writer = staging_writer(self._path, self._schema)
        self._writer.write_batch(batch)
        self._written += batch.num_rows

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        arrays = [pa.array([row.get(field.name) for row in rows], type=field.type) for field in self._schema]
        self.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))


def staging_writer(path: Path, schema: pa.Schema) -> Any:
    """A Parquet writer for files that are read once and thrown away: no dictionaries, no statistics."""
    return pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=False, write_statistics=False)


def join_parts(parts: list[Part], table: TableSchema, target: Path) -> int:
    """Put the parts of a table into one file, in order; a table without parts gets a file without rows."""
    mine = [part for part in parts if part.table is table]
    if len(mine) == 1:
        mine[0].path.replace(target)
        return mine[0].rows
    with staging_writer(target, table.arrow) as writer:
        for part in mine:
            with pq.ParquetFile(part.path) as reader:
                for batch in reader.iter_batches(batch_size=16_384):
                    writer.write_batch(batch)
            part.path.unlink()
    return sum(part.rows for part in mine)
