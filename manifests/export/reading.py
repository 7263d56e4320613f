"""Members' bytes in order, read and verified ahead on other threads: hashing must not wait for writing."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Final, Protocol, cast

from hashstore.blobstore.interface import Chunk
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, HashstoreError
from manifests.export.errors import MembersLost
from manifests.export.model import Copy, Failure, File, Made

Open = Callable[[Digest], BinaryIO]


class Readable(Protocol):
    """What fills memory that it is given."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


_THREADS: Final = 2
_AHEAD: Final = 8  # files read ahead
_WHOLE: Final = 16 << 20  # bytes; larger files are read piece by piece, so at most 128 MiB are held
_CHUNK: Final = 1 << 20


def read_ahead(open_blob: Open, files: Iterable[File]) -> Iterator[tuple[File, Iterator[Chunk]]]:
    """Each file with its bytes; those of a copy are proved before the last of them comes.

    A chunk is to be used before the next one is asked for: its memory is used again.

    Raises:
        MembersLost: a member's bytes are not here, damaged, or of another size.
    """
    waiting: deque[tuple[File, Future[bytearray] | None]] = deque()
    pool, reading = ThreadPoolExecutor(_THREADS, "export"), Reading(open_blob)
    try:
        for file in files:
            soon = isinstance(file, Copy) and file.size <= _WHOLE
            waiting.append((file, pool.submit(reading.whole, file) if soon else None))
            if len(waiting) > _AHEAD:
                yield _ready(reading, *waiting.popleft())
        while waiting:
            yield _ready(reading, *waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


class _Buffers:
    """Memory that is used again: fresh pages for each image would cost more than reading it."""

    def __init__(self) -> None:
        self._free: deque[bytearray] = deque()

    def take(self, size: int) -> bytearray:
        """Memory for so many bytes, or for more."""
        try:
            buffer = self._free.pop()
        except IndexError:
            return bytearray(size)
        return buffer if len(buffer) >= size else bytearray(size)

    def give(self, buffer: bytearray) -> None:
        """It is not needed any more."""
        self._free.append(buffer)


class Reading:
    """Members' bytes, proved before the last of them is handed out. Safe for several threads."""

    def __init__(self, open_blob: Open) -> None:
        self._open = open_blob
        self._buffers = _Buffers()

    def proved(self, file: Copy) -> Iterator[Chunk]:
        """The bytes of a member: of one that is not too large at once, when all of them have been proved.

        Raises:
            MembersLost: they are not here, damaged, or of another size.
        """
        return self.held(self.whole(file), file.size) if file.size <= _WHOLE else self.pieces(file)

    def held(self, buffer: bytearray, size: int) -> Iterator[Chunk]:
        """What `whole` has read; its memory is used again when this has been gone through."""
        yield memoryview(buffer)[:size]
        self._buffers.give(buffer)

    def whole(self, file: File) -> bytearray:
        """Read all of a member into memory that may be larger.

        Raises:
            MembersLost: it is not here, damaged, or of another size.
        """
        assert isinstance(file, Copy)
        buffer = self._buffers.take(file.size)
        try:
            with self._open(file.digest) as reader:
                # Past the reader's own buffer: these are all its bytes at once.
                raw = cast(Readable, reader.raw if isinstance(reader, io.BufferedReader) else reader)
                count = _fill(raw, memoryview(buffer)[: file.size])
                # The last byte comes only when all of them have proved right, also of no bytes at all.
                beyond = _fill(raw, memoryview(bytearray(1)))
        except HashstoreError as error:
            raise _lost(file, error) from error
        if count != file.size or beyond:
            raise _other_size(file)
        return buffer

    def pieces(self, file: Copy) -> Iterator[Chunk]:
        """A large member, piece by piece.

        Raises:
            MembersLost: it is not here, damaged, or of another size.
        """
        left = file.size
        try:
            with self._open(file.digest) as reader:
                while chunk := reader.read(_CHUNK):
                    left -= len(chunk)
                    yield chunk
        except HashstoreError as error:
            raise _lost(file, error) from error
        if left:
            raise _other_size(file)


def _ready(reading: Reading, file: File, read: Future[bytearray] | None) -> tuple[File, Iterator[Chunk]]:
    if isinstance(file, Made):
        return file, file.chunks()
    return file, reading.pieces(file) if read is None else reading.held(read.result(), file.size)


def _fill(raw: Readable, view: memoryview) -> int:
    """Read until the view is full or the end has come; returns how many bytes that were."""
    filled = 0
    while filled < len(view) and (count := raw.readinto(view[filled:])):
        filled += count
    return filled


def _lost(file: Copy, error: HashstoreError) -> MembersLost:
    match error:
        case BlobNotFound():
            failure = Failure(file.digest, "absent", "is not here any more. Bring it: vasculum dataset fetch")
        case CorruptBlob():
            failure = Failure(file.digest, "corrupt", "is damaged here. Mend it: vasculum repair")
        case _:
            failure = Failure(file.digest, "absent", f"cannot be read: {error}")
    return MembersLost((failure,))


def _other_size(file: Copy) -> MembersLost:
    words = (
        f"does not have the {file.size:,} bytes that the dataset's manifest says. Do not rely on the dataset"
    )
    return MembersLost((Failure(file.digest, "corrupt", words),))
