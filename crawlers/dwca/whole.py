"""Flags that need whole files: duplicated ids in the core, and rows whose core record is missing."""

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.dwca.database import quoted
from crawlers.dwca.rows import Flag, flag_text
from crawlers.dwca.staging import Part, staging_writer
from manifests.tables import QUARANTINE

_DUPLICATED = "id IN (FROM duplicates)"
_ORPHANED = "id IS NOT NULL AND id NOT IN (FROM core_ids)"


def mark_whole(parts: list[Part], database: duckdb.DuckDBPyConnection) -> None:
    """Rewrite the parts in which a row earns `duplicateId` or `orphan`; most archives need no rewriting."""
    rows = [part for part in parts if part.table is not QUARANTINE]
    core = [part for part in rows if part.core and not part.derived]
    _collect_ids([part.path for part in core], database)
    if database.execute("SELECT EXISTS (FROM duplicates)").fetchone() == (True,):
        for part in core:
            _mark(part.path, Flag.DUPLICATE_ID, _DUPLICATED, database)
    for part in rows:
        if not part.core:
            _mark(part.path, Flag.ORPHAN, _ORPHANED, database)


def _collect_ids(paths: list[Path], database: duckdb.DuckDBPyConnection) -> None:
    listed = ", ".join(quoted(str(path)) for path in paths)
    rows = f"read_parquet([{listed}])" if paths else "(SELECT NULL::VARCHAR AS id)"
    database.execute(
        f"""CREATE OR REPLACE TEMP TABLE core_ids AS
            SELECT id, count(*) AS times FROM {rows} WHERE id IS NOT NULL GROUP BY id"""
    )
    database.execute(
        """CREATE OR REPLACE TEMP TABLE duplicates AS SELECT id FROM core_ids WHERE times > 1;
           ALTER TABLE core_ids DROP COLUMN times"""
    )


def _mark(path: Path, flag: str, condition: str, database: duckdb.DuckDBPyConnection) -> None:
    rows = f"read_parquet({quoted(str(path))}, file_row_number = true)"
    found = database.execute(
        f"SELECT file_row_number FROM {rows} WHERE {condition} ORDER BY file_row_number"
    ).fetchnumpy()["file_row_number"]
    if len(found):
        target = path.with_name(path.name + ".marked")
        _rewrite(path, target, flag, found)
        target.replace(path)


def _rewrite(source: Path, target: Path, flag: str, marked: "np.ndarray[Any, np.dtype[np.int64]]") -> None:
    """Copy a part in its order, with `flag` on the rows of the sorted numbers in `marked`."""
    with (
        pq.ParquetFile(source) as reader,
        staging_writer(target, reader.schema_arrow) as writer,
    ):
        begin = 0
        for batch in reader.iter_batches():
            end = begin + batch.num_rows
            low, high = np.searchsorted(marked, [begin, end])
            writer.write_batch(_flagged(batch, flag, marked[low:high] - begin))
            begin = end


def _flagged(batch: pa.RecordBatch, flag: str, rows: "np.ndarray[Any, np.dtype[np.int64]]") -> pa.RecordBatch:
    place = batch.schema.get_field_index("flags")
    texts = batch.column(place).to_pylist()
    for row in rows:
        texts[row] = flag_text(sorted([*json.loads(texts[row] or "[]"), flag]))
    return batch.set_column(place, batch.schema.field(place), pa.array(texts, pa.string()))
