"""Write rows into segments: in bounded memory, on both cores, durable when it closes."""

from types import TracebackType
from typing import Self

import pyarrow as pa

from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.errors import HashstoreError
from manifests.access import AccessClass
from manifests.errors import ManifestError
from manifests.row_check import conform
from manifests.schema import TableSchema
from manifests.segment.buffer import RowBuffer
from manifests.segment.pipeline import OpenSegment, Workers
from manifests.segment.value import MAX_ROWS, Segment


class SegmentWriter:
    """Takes rows of one table and access class, and makes as many segments of them as are needed.

    The same rows in the same order give the same segments, however they were cut into batches. What has not
    been committed when its `with` block is left is discarded.

    Args:
        store: Where the segments land.
        schema: The table's schema.
        access: The access class of all rows.
        max_rows: How many rows a segment may have, at most 500,000.
    """

    def __init__(
        self, store: BlobStore, schema: TableSchema, access: AccessClass, max_rows: int = MAX_ROWS
    ) -> None:
        if not 1 <= max_rows <= MAX_ROWS:
            raise ManifestError(f"a segment may have 1 to {MAX_ROWS} rows, not {max_rows}")
        self._store, self._schema, self._access, self._max_rows = store, schema, access, max_rows
        self._buffer = RowBuffer(schema)
        self._workers = Workers(schema)
        self._open: OpenSegment | None = None
        self._finished: list[tuple[Segment, Sealed]] = []
        self._ended = False

    def write(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Take rows; they must have exactly the schema's columns, in any order.

        Raises:
            InvalidRow: A row does not fit. It may be one of an earlier call, since rows are hashed later.
            ManifestError: The writer has ended, or the store takes no more.
        """
        if self._ended:
            raise ManifestError(f"this writer of {self._schema.name!r} has ended; open another for more rows")
        self._buffer.add(conform(self._schema, rows))
        while group := self._buffer.take(self._room()):
            self._put(group)

    def finish(self) -> tuple[tuple[Segment, Sealed], ...]:
        """End the last segment; all are sealed, and the caller commits them (with other blobs, say).

        Raises:
            InvalidRow: A row does not fit.
            ManifestError: The store takes no more.
        """
        self._ended = True
        while group := self._buffer.take(self._room(), last=True):
            self._put(group)
        self._end_segment()
        self._workers.close()
        finished, self._finished = tuple(self._finished), []
        return finished

    def close(self) -> tuple[Segment, ...]:
        """End the last segment and commit all, in the order of their rows; durable when this returns.

        Raises:
            InvalidRow: A row does not fit.
            ManifestError: The store could not take the segments.
        """
        finished = self.finish()
        try:
            self._store.commit([sealed for _, sealed in finished])
        except HashstoreError as error:
            raise ManifestError(
                f"segments of table {self._schema.name!r} could not be stored: {error}"
            ) from error
        return tuple(segment for segment, _ in finished)

    def discard(self) -> None:
        """Forget all that was written and neither committed nor handed out by `finish`."""
        self._ended = True
        self._workers.close()
        if self._open:
            self._open.discard()
            self._open = None
        self._store.discard([sealed for _, sealed in self._finished])
        self._finished = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def _room(self) -> int:
        return self._max_rows - (self._open.rows if self._open else 0)

    def _put(self, group: pa.RecordBatch) -> None:
        if self._open is None:
            self._open = OpenSegment(self._store, self._schema, self._workers)
        self._open.put(group)
        if self._room() == 0:
            self._end_segment()

    def _end_segment(self) -> None:
        if self._open is not None:
            sealed, root = self._open.end()
            segment = Segment(
                sealed.digest, self._schema.name, self._schema.digest, self._open.rows, root, self._access
            )
            self._finished.append((segment, sealed))
            self._open = None
