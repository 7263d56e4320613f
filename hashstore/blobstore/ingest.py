"""Bring bytes and files into a store: staged by several threads, told of only when durable."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.digest import Digest
from hashstore.errors import StoreUnusable, UnreadableSource

OnAdded: TypeAlias = Callable[[Path, Digest, int], None]

_BATCH_BYTES: Final = 256 << 20
_BATCH_COUNT: Final = 4096
_BATCH_SECONDS: Final = 5.0  # so that slow sources, too, are acknowledged as they come
_CHUNK: Final = 8  # files handed to a thread at a time: handing over costs more than reading a small file
_BUFFER_SIZE: Final = 1 << 20
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # or opening a pipe would wait for its writer
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be added, and why."""

    path: Path
    reason: str


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


def stage_file(store: BlobStore, path: Path) -> Sealed:
    """Stage one file without ever holding more than a mebibyte of it.

    Raises:
        UnreadableSource: If it cannot be read, or is no regular file.
        StoreUnusable: If the store cannot be written.
    """
    try:
        source = os.open(path, _READ)
    except OSError as error:
        raise UnreadableSource(f"{path}: {error.strerror}") from error
    try:
        found = os.fstat(source)
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableSource(f"{path}: it is not a regular file")
        return _copy(store, source, found.st_size, path)
    finally:
        os.close(source)


def add_files(
    store: BlobStore, paths: Iterable[Path], *, workers: int = 2, on_added: OnAdded | None = None
) -> AddReport:
    """Put files into the store.

    Files are staged by `workers` threads (hashing lets go of the interpreter's lock), and the next batch is
    staged while the last one is made durable. A file that cannot be read is reported; the others still land.

    Args:
        store: Takes the bytes.
        paths: Files, read lazily; symbolic links are followed.
        workers: How many threads read and hash.
        on_added: Called with path, digest and size in bytes, in the order of `paths`, from the calling
            thread, and only after the blob is durable.

    Raises:
        StoreUnusable: If the store cannot be written (StoreFull: for lack of room). What was acknowledged
            stays; everything else is discarded, and may be added again.
    """
    with ThreadPoolExecutor(workers, "stage") as stagers, ThreadPoolExecutor(1, "commit") as committer:
        intake = _Intake(store, committer, on_added or _ignore)
        staging: deque[Future[_Staged]] = deque()
        try:
            for chunk in _chunks(paths):
                staging.append(stagers.submit(_stage_chunk, store, chunk))
                if len(staging) >= 4 * workers:
                    intake.take(staging.popleft().result())
            while staging:
                intake.take(staging.popleft().result())
            return intake.finish()
        except BaseException:
            intake.abandon(staging)
            raise


@dataclass(frozen=True, slots=True)
class _Staged:
    """One thread's yield: what it sealed and what it could not read, or why the store refused."""

    sealed: tuple[tuple[Path, Sealed], ...]
    unreadable: tuple[Unreadable, ...]
    refusal: StoreUnusable | None = None


@dataclass(slots=True)
class _Batch:
    """Sealed files on their way to one commit."""

    files: list[tuple[Path, Sealed]] = field(default_factory=list)
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

    def take(self, staged: _Staged) -> None:
        self._batch.files.extend(staged.sealed)
        self._batch.bytes += sum(sealed.size for _, sealed in staged.sealed)
        self._unreadable.extend(staged.unreadable)
        if staged.refusal is not None:
            raise staged.refusal
        if self._landing is not None and self._landing[1].done():
            self._acknowledge()
        if self._batch.files and self._batch.is_due():
            self._commit()

    def finish(self) -> AddReport:
        self._commit()
        self._acknowledge()
        return AddReport(self._files, self._bytes, tuple(self._unreadable))

    def abandon(self, staging: Iterable[Future[_Staged]]) -> None:
        """Discard whatever is staged and will not be committed. A batch that is landing lands."""
        sealed = [one for _, one in self._batch.files]
        for future in staging:
            if not future.cancel() and future.exception() is None:
                sealed += [one for _, one in future.result().sealed]
        self._store.discard(sealed)

    def _commit(self) -> None:
        self._acknowledge()
        batch, self._batch = self._batch, _Batch()
        sealed = [one for _, one in batch.files]
        self._landing = batch, self._committer.submit(self._store.commit, sealed)

    def _acknowledge(self) -> None:
        if self._landing is None:
            return
        batch, landed = self._landing
        self._landing = None
        landed.result()
        for path, sealed in batch.files:
            self._files += 1
            self._bytes += sealed.size
            self._on_added(path, sealed.digest, sealed.size)


def _stage_chunk(store: BlobStore, chunk: tuple[Path, ...]) -> _Staged:
    sealed: list[tuple[Path, Sealed]] = []
    unreadable: list[Unreadable] = []
    for path in chunk:
        try:
            sealed.append((path, stage_file(store, path)))
        except UnreadableSource as error:
            unreadable.append(Unreadable(path, str(error)))
        except StoreUnusable as error:
            return _Staged(tuple(sealed), tuple(unreadable), error)
    return _Staged(tuple(sealed), tuple(unreadable))


def _copy(store: BlobStore, source: int, size: int, path: Path) -> Sealed:
    buffer = _buffer()
    left = size
    with store.stage() as staging:
        while count := _fill(source, buffer, path):
            staging.write(buffer[:count])
            left -= count
            if left == 0:  # asking a small file for its end would cost as much as reading it
                break
        return staging.seal()


def _fill(source: int, buffer: memoryview, path: Path) -> int:
    try:
        return os.readv(source, [buffer])
    except OSError as error:
        raise UnreadableSource(f"{path}: {error.strerror}") from error


def _buffer() -> memoryview:
    """This thread's own, made once: a fresh mebibyte for each file would cost more than reading it."""
    buffer: memoryview | None = getattr(_thread, "buffer", None)
    if buffer is None:
        buffer = _thread.buffer = memoryview(bytearray(_BUFFER_SIZE))
    return buffer


def _chunks(paths: Iterable[Path]) -> Iterator[tuple[Path, ...]]:
    rest = iter(paths)
    while chunk := tuple(islice(rest, _CHUNK)):
        yield chunk


def _ignore(path: Path, digest: Digest, size: int) -> None:
    pass
