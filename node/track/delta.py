"""The rows of a source that a crawl has to write: all of them the first time, what changed from then on."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.delta import delta
from manifests.schema import TableSchema
from node.index import Index
from node.track.earlier import DATA_TABLES, export_current
from node.track.session import Session
from node.track.staged import StagedSource

_BATCH = 20_000


def changed_batches(
    session: Session, index: Index, staged: StagedSource, schema: TableSchema
) -> Iterator[pa.RecordBatch]:
    """Batches of one table, with exactly its columns; none if the source is unchanged."""
    if staged.folder is None:
        return
    path = staged.table(schema.name)
    if schema.name in DATA_TABLES:
        before = staged.folder / f"{schema.name}.before.parquet"
        if export_current(index, staged.source, schema.name, before):
            previous = f"(SELECT * FROM read_parquet('{str(before).replace(chr(39), chr(39) * 2)}'))"
            yield from delta(index.connection, schema, previous, [path] if path else [])
            return
    if path is not None:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH):
                yield batch.select(list(schema.names)).cast(schema.arrow)
