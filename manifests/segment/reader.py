"""Read segments: batch by batch, row by row, and as leaf hashes."""

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.errors import DamagedSegment
from manifests.row_encoder import RowEncoder
from manifests.schema import TableSchema
from manifests.segment.parquet import SegmentFile, open_parquet

_BATCH_ROWS = 16_384


def segment_batches(file: SegmentFile, schema: TableSchema) -> Iterator[pa.RecordBatch]:
    """A segment's rows in order, some 16,000 at a time, in the schema's own Arrow types.

    Args:
        file: A path, or an open file that can seek. A foreign one is read in a box by the caller.
        schema: The schema that the segment was written by.

    Raises:
        DamagedSegment: It is no segment of this schema.
    """
    with open_parquet(file, schema) as parquet:
        yield from _batches(parquet, schema)


def leaf_hashes(file: SegmentFile, schema: TableSchema) -> list[bytes]:
    """The RFC 6962 leaf hash of each row, in order, 32 bytes each.

    Raises:
        DamagedSegment: It is no segment of this schema.
        InvalidRow: It holds what no canonical row can hold.
    """
    encoder = RowEncoder(schema)
    hashes: list[bytes] = []
    try:
        for batch in segment_batches(file, schema):
            hashes += encoder.leaf_hashes(batch, len(hashes) + 1)
    finally:
        encoder.close()
    return hashes


def read_row(file: SegmentFile, schema: TableSchema, index: int) -> Mapping[str, object]:
    """One row by its index, counted from 0, as values by column name; nulls are left out.

    Raises:
        DamagedSegment: It is no segment of this schema, or it has no such row.
    """
    with open_parquet(file, schema) as parquet:
        metadata = parquet.metadata
        remaining = index
        for group in range(metadata.num_row_groups if index >= 0 else 0):
            rows = metadata.row_group(group).num_rows
            if remaining < rows:
                row = parquet.read_row_group(group).slice(remaining, 1).cast(schema.arrow).to_pylist()[0]
                return {name: value for name, value in row.items() if value is not None}
            remaining -= rows
        raise DamagedSegment(f"the segment has {metadata.num_rows} rows, so none with number {index + 1}")


def _batches(parquet: pq.ParquetFile, schema: TableSchema) -> Iterator[pa.RecordBatch]:
    for batch in parquet.iter_batches(_BATCH_ROWS, use_threads=False):
        yield pa.RecordBatch.from_arrays(batch.columns, schema=schema.arrow)
