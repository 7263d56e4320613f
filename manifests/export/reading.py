"""Members' bytes in order, read and verified ahead on other threads: hashing must not wait for writing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Final

from hashstore.blobstore.interface import Chunk
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, HashstoreError
from manifests.export.errors import MembersLost
from manifests.export.model import Copy, Failure, File

Open = Callable[[Digest], BinaryIO]

_THREADS: Final = 2
_AHEAD: Final = 8  # files read ahead
_WHOLE: Final = 16 << 20  # bytes; larger files are read piece by piece, so at most 128 MiB are held
_CHUNK: Final = 1 << 20


def read_ahead(open_blob: Open, files: Iterable[File]) -> Iterator[tuple[File, Iterator[Chunk]]]:
    """Each file with its bytes; those of a copy are proved before the last of them comes.

    Raises:
        MembersLost: a member's bytes are not here, damaged, or of another size.
    """
    waiting: deque[tuple[File, Future[bytes] | None]] = deque()
    pool = ThreadPoolExecutor(_THREADS, "export")
    try:
        for file in files:
            soon = isinstance(file, Copy) and file.size <= _WHOLE
            waiting.append((file, pool.submit(_whole, open_blob, file) if soon else None))
            if len(waiting) > _AHEAD:
                yield _ready(open_blob, *waiting.popleft())
        while waiting:
            yield _ready(open_blob, *waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _ready(open_blob: Open, file: File, read: Future[bytes] | None) -> tuple[File, Iterator[Chunk]]:
    if read is not None:
        return file, iter((read.result(),))
    return file, _pieces(open_blob, file) if isinstance(file, Copy) else file.chunks()


def _whole(open_blob: Open, file: File) -> bytes:
    assert isinstance(file, Copy)
    try:
        with open_blob(file.digest) as reader:
            data = reader.read(file.size)
            # The last byte comes only when all of them have proved right, also of no bytes at all.
            beyond = reader.read(1)
    except HashstoreError as error:
        raise _lost(file, error) from error
    if len(data) != file.size or beyond:
        raise _other_size(file)
    return data


def _pieces(open_blob: Open, file: Copy) -> Iterator[Chunk]:
    left = file.size
    try:
        with open_blob(file.digest) as reader:
            while chunk := reader.read(_CHUNK):
                left -= len(chunk)
                yield chunk
    except HashstoreError as error:
        raise _lost(file, error) from error
    if left:
        raise _other_size(file)


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
