"""One file, or a chunk of files, into a store's temporaries."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from hashstore.blobstore.interface import BlobStore, Sealed
from hashstore.errors import StoreUnusable, UnreadableSource

HEAD: Final = 256  # bytes that are kept of the beginning of a file
_BUFFER_SIZE: Final = 64 << 10  # fits a core's cache; for larger writes the kernel looks for larger pages
_READ: Final = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK  # or opening a pipe would wait for its writer
_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be added, and why."""

    path: Path
    reason: str


class Staged(NamedTuple):
    """A file that is in the store's temporaries, with its first bytes: whoever asks of what kind it is need
    not open it again.
    """

    path: Path
    sealed: Sealed
    head: bytes


@dataclass(frozen=True, slots=True)
class StagedChunk:
    """What came of some files: those that are sealed, those that cannot be read, or why the store refused."""

    sealed: tuple[Staged, ...]
    unreadable: tuple[Unreadable, ...]
    refusal: StoreUnusable | None = None


def stage_chunk(store: BlobStore, chunk: Sequence[Path]) -> StagedChunk:
    """Stage files one after the other; stops at the first that the store refuses."""
    sealed: list[Staged] = []
    unreadable: list[Unreadable] = []
    for path in chunk:
        try:
            sealed.append(stage_file(store, path))
        except UnreadableSource as error:
            unreadable.append(Unreadable(path, str(error)))
        except StoreUnusable as error:
            return StagedChunk(tuple(sealed), tuple(unreadable), error)
    return StagedChunk(tuple(sealed), tuple(unreadable))


def stage_file(store: BlobStore, path: Path) -> Staged:
    """Stage one file without ever holding more than 64 KiB of it.

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


def _copy(store: BlobStore, source: int, size: int, path: Path) -> Staged:
    buffer = _buffer()
    left = size
    head = b""
    with store.stage() as staging:
        while count := _fill(source, buffer, path):
            staging.write(buffer[:count])
            head = head or bytes(buffer[: min(count, HEAD)])
            left -= count
            if left == 0:  # asking a small file for its end would cost as much as reading it
                break
        return Staged(path, staging.seal(), head)


def _fill(source: int, buffer: memoryview, path: Path) -> int:
    try:
        return os.readv(source, [buffer])
    except OSError as error:
        raise UnreadableSource(f"{path}: {error.strerror}") from error


def _buffer() -> memoryview:
    """This thread's own, made once: a fresh one for each file would cost more than reading it."""
    buffer: memoryview | None = getattr(_thread, "buffer", None)
    if buffer is None:
        buffer = _thread.buffer = memoryview(bytearray(_BUFFER_SIZE))
    return buffer
