"""Gather batches of any size into row groups whose borders depend on the rows alone."""

from collections import deque

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from manifests.schema import TableSchema

GROUP_ROWS = 32_768
GROUP_BYTES = 96 * 2**20


class RowBuffer:
    """Rows that wait until they make up a row group: 32,768 rows, or fewer when they are very long."""

    def __init__(self, schema: TableSchema) -> None:
        self._schema = schema
        self._tables: deque[pa.Table] = deque()
        self._rows = 0
        self._bytes = 0

    def add(self, rows: pa.Table) -> None:
        """Take rows in the schema's own Arrow types."""
        for start in range(0, rows.num_rows, GROUP_ROWS):
            piece = rows.slice(start, GROUP_ROWS)
            self._tables.append(piece)
            self._rows += piece.num_rows
            self._bytes += piece.nbytes

    def take(self, room: int, *, last: bool = False) -> pa.RecordBatch | None:
        """The next row group of at most `room` rows, or nothing while it may still grow.

        Args:
            room: How many rows the segment can still take, at least 1.
            last: Whether no more rows will come.
        """
        limit = min(room, GROUP_ROWS)
        if not self._rows or not (last or self._rows >= limit or self._bytes >= GROUP_BYTES):
            return None
        waiting = pa.concat_tables(self._tables)
        rows = min(limit, waiting.num_rows)
        if self._bytes >= GROUP_BYTES:
            rows = _rows_within(waiting.slice(0, rows), GROUP_BYTES, whole=last or rows == limit)
        if not rows:
            return None
        group, rest = waiting.slice(0, rows), waiting.slice(rows)
        self._tables = deque([rest] if rest.num_rows else [])
        self._rows, self._bytes = rest.num_rows, rest.nbytes
        (batch,) = group.combine_chunks().to_batches()
        return batch


def _rows_within(rows: pa.Table, limit: int, *, whole: bool) -> int:
    """How many rows it takes until their texts reach `limit` bytes; if they never do, all or none."""
    sizes = np.zeros(rows.num_rows, np.int64)
    for column in rows.columns:
        if pa.types.is_string(column.type):
            sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy()
    enough = int(np.searchsorted(np.cumsum(sizes), limit))
    if enough < rows.num_rows:
        return enough + 1
    return rows.num_rows if whole else 0
