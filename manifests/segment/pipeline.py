"""Two threads behind a writer: one row group is being packed and hashed while the next is gathered.

Arrow's Parquet writer and DuckDB both work outside the interpreter's lock, so that packing and printing use
both cores.
"""

import io
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

import pyarrow as pa

from hashstore.blobstore.interface import BlobStore, Sealed, Staging
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.merkle import MerkleAccumulator
from manifests.errors import ManifestError
from manifests.row_encoder import RowEncoder
from manifests.schema import TableSchema
from manifests.segment.parquet import parquet_writer

_THREADS = 2
_IN_FLIGHT = 2


class Workers:
    """Two threads, and for each an encoder of its own, since DuckDB connections are not shared.

    A crawl opens many writers and fills few of them, so an encoder is made when the first rows want it.
    """

    def __init__(self, schema: TableSchema) -> None:
        self._schema = schema
        self.pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"segment-{schema.name}")
        self._encoders: SimpleQueue[RowEncoder] = SimpleQueue()

    def hash_rows(self, rows: pa.RecordBatch, first_row: int) -> list[bytes]:
        """Leaf hashes, by whichever encoder is free."""
        try:
            encoder = self._encoders.get_nowait()
        except Empty:
            encoder = RowEncoder(self._schema)
        try:
            return encoder.leaf_hashes(rows, first_row)
        finally:
            self._encoders.put(encoder)

    def close(self) -> None:
        """Wait for what runs, drop what waits."""
        self.pool.shutdown(cancel_futures=True)
        while not self._encoders.empty():
            self._encoders.get().close()


@dataclass(frozen=True, slots=True)
class _Job:
    packed: Future[None]
    hashed: Future[list[bytes]]


class OpenSegment:
    """One segment on its way into the store."""

    def __init__(self, store: BlobStore, schema: TableSchema, workers: Workers) -> None:
        self.rows = 0
        self._workers = workers
        with _store_errors():
            self._staging = store.stage()
            self._file = _StagingFile(self._staging)
            self._sink = pa.PythonFile(self._file, mode="w")
            try:
                self._parquet = parquet_writer(self._sink, schema)
            except BaseException:
                self._staging.discard()
                raise
        self._tree = MerkleAccumulator()
        self._jobs: deque[_Job] = deque()

    def put(self, group: pa.RecordBatch) -> None:
        """Take a row group; waits while two others are on their way."""
        while len(self._jobs) >= _IN_FLIGHT:
            self._take_oldest()
        hashed = self._workers.pool.submit(self._workers.hash_rows, group, self.rows + 1)
        # Groups must be packed in order; a pool of its own would only add a thread that fights for two cores.
        before = self._jobs[-1].packed if self._jobs else None
        self._jobs.append(_Job(self._workers.pool.submit(self._pack, group, before), hashed))
        self.rows += group.num_rows

    def end(self) -> tuple[Sealed, Digest]:
        """Pack and hash what is left; the sealed file and the root over its rows."""
        while self._jobs:
            self._take_oldest()
        with _store_errors():
            self._parquet.close()
            self._sink.close()
            return self._staging.seal(), Digest(self._tree.root())

    def discard(self) -> None:
        """Forget the file, and the footer that Arrow writes when its writer is closed or collected."""
        self._file.abandoned = True
        with suppress(pa.ArrowException, OSError):
            self._parquet.close()
        self._staging.discard()

    def _take_oldest(self) -> None:
        job = self._jobs.popleft()
        self._tree.extend(job.hashed.result())
        job.packed.result()

    def _pack(self, group: pa.RecordBatch, before: "Future[None] | None") -> None:
        if before is not None:
            before.result()
        with _store_errors():
            self._parquet.write_batch(group)


class _StagingFile(io.RawIOBase):
    """A staging as the file that Arrow wants; closing it seals nothing."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self.abandoned = False

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        view = memoryview(data)
        if not self.abandoned:
            self._staging.write(view)
        return view.nbytes


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except (HashstoreError, pa.ArrowException, OSError) as error:
        raise ManifestError(f"a segment could not be written: {error}") from error
