"""Bring bytes and files into a store: staged by several workers, told of only when durable."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from hashstore.blobstore.ahead import StagedAhead
from hashstore.blobstore.copying import Staged, StagedChunk, Unreadable
from hashstore.blobstore.interface import BlobStore
from hashstore.digest import Digest

_BATCH_BYTES: Final = 128 << 20
_BATCH_COUNT: Final = 8192
_BATCH_SECONDS: Final = 5.0  # so that slow sources, too, are acknowledged as they come


class Added(NamedTuple):
    """A file whose bytes are durable.

    Attributes:
        path: Where they were read.
        digest: Of all of them.
        size: How many.
        head: The first 256 of them, or all there are.
    """

    path: Path
    digest: Digest
    size: int
    head: bytes


OnAdded: TypeAlias = Callable[[Added], None]


@dataclass(frozen=True, slots=True)
class AddReport:
    """What became of many files.

    Attributes:
        files: How many were read and are durable now, those that the store held before included.
        bytes: Their bytes together.
        unreadable: Those that could not be read.
    """

    files: int
    bytes: int
    unreadable: tuple[Unreadable, ...]


def add_bytes(store: BlobStore, data: bytes) -> Digest:
    """Put bytes into the store; durable when this returns."""
    with store.stage() as staging:
        staging.write(data)
        sealed = staging.seal()
    store.commit([sealed])
    return sealed.digest


def add_files(
    store: BlobStore, paths: Iterable[Path], *, workers: int = 2, on_added: OnAdded | None = None
) -> AddReport:
    """Put files into the store.

    Files are staged by `workers` threads, or processes where there are many, and the next batch is staged
    while the last one is made durable. A file that cannot be read is reported; the others still land.

    Args:
        store: Takes the bytes.
        paths: Files, read lazily; symbolic links are followed.
        workers: How many threads read and hash.
        on_added: Called for each file, in the order of `paths`, from the calling thread, and only after the
            blob is durable.

    Raises:
        StoreUnusable: If the store cannot be written (StoreFull: for lack of room). What was acknowledged
            stays; everything else is discarded, and may be added again.
    """
    with StagedAhead(store, paths, workers) as staged:
        return add_staged(store, staged, on_added)


def add_staged(store: BlobStore, staged: StagedAhead, on_added: OnAdded | None = None) -> AddReport:
    """Put files into the store that are being staged for it; see `add_files`."""
    with ThreadPoolExecutor(1, "commit") as committer:
        intake = _Intake(store, committer, on_added or _ignore)
        try:
            for chunk in staged:
                intake.take(chunk)
            return intake.finish()
        except BaseException:
            intake.abandon()
            staged.discard()
            raise


@dataclass(slots=True)
class _Batch:
    """Sealed files on their way to one commit."""

    files: list[Staged] = field(default_factory=list)
    bytes: int = 0
    since: float = field(default_factory=time.monotonic)

    def is_due(self) -> bool:
        """Whether it is big or old enough to be committed."""
        return (
            self.bytes >= _BATCH_BYTES
            or len(self.files) >= _BATCH_COUNT
            or time.monotonic() - self.since >= _BATCH_SECONDS
        )


class _Intake:
    """Gathers staged files into batches and acknowledges them; lives in the calling thread."""

    def __init__(self, store: BlobStore, committer: ThreadPoolExecutor, on_added: OnAdded) -> None:
        self._store = store
        self._committer = committer
        self._on_added = on_added
        self._batch = _Batch()
        self._landing: tuple[_Batch, Future[None]] | None = None
        self._files = 0
        self._bytes = 0
        self._unreadable: list[Unreadable] = []

    def take(self, staged: StagedChunk) -> None:
        self._batch.files.extend(staged.sealed)
        self._batch.bytes += sum(one.sealed.size for one in staged.sealed)
        self._unreadable.extend(staged.unreadable)
        if staged.refusal is not None:
            raise staged.refusal
        if self._landing is not None and self._landing[1].done():
            self._tell(self._landed())
        if self._batch.files and self._batch.is_due():
            self._commit()

    def finish(self) -> AddReport:
        self._commit()
        self._tell(self._landed())
        return AddReport(self._files, self._bytes, tuple(self._unreadable))

    def abandon(self) -> None:
        """Discard what was taken and will not be committed. A batch that is landing lands."""
        self._store.discard([one.sealed for one in self._batch.files])

    def _commit(self) -> None:
        landed = self._landed()
        batch, self._batch = self._batch, _Batch()
        sealed = [one.sealed for one in batch.files]
        self._landing = batch, self._committer.submit(self._store.commit, sealed)
        self._tell(landed)  # while the next one lands

    def _landed(self) -> _Batch:
        """The batch that was landing, once it is durable."""
        if self._landing is None:
            return _Batch()
        batch, landed = self._landing
        self._landing = None
        landed.result()
        return batch

    def _tell(self, batch: _Batch) -> None:
        for path, sealed, head in batch.files:
            self._files += 1
            self._bytes += sealed.size
            self._on_added(Added(path, sealed.digest, sealed.size, head))


def _ignore(added: Added) -> None:
    pass
