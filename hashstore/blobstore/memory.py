"""A blob store in memory: the model that the others are tested against, and a store for tests."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import BinaryIO, Self

from hashstore.blobstore.interface import Chunk, Sealed
from hashstore.blobstore.prefix import checked_prefix
from hashstore.blobstore.reader import verifying_reader
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, StagingClosed

_WHERE = "the store in memory"


class _MemoryStaging:
    """Chunks in a buffer, hashed as they come."""

    def __init__(self) -> None:
        self._buffer: bytearray | None = bytearray()
        self._hash = hashlib.sha256()

    def write(self, chunk: Chunk) -> None:
        buffer = self._open_buffer()
        buffer += chunk
        self._hash.update(chunk)

    def seal(self) -> Sealed:
        data = bytes(self._open_buffer())
        self._buffer = None
        return Sealed(Digest(self._hash.digest()), len(data), data)

    def discard(self) -> None:
        self._buffer = None

    def _open_buffer(self) -> bytearray:
        if self._buffer is None:
            raise StagingClosed("this staging was sealed or discarded; begin another with stage()")
        return self._buffer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


class MemoryBlobStore:
    """Blobs in a dict. Durable for as long as the process lives."""

    def __init__(self) -> None:
        self._blobs: dict[Digest, bytes] = {}
        self._lock = threading.Lock()

    def stage(self) -> _MemoryStaging:
        return _MemoryStaging()

    def commit(self, sealed: Iterable[Sealed]) -> None:
        with self._lock:
            for one in sealed:
                if not isinstance(one.token, bytes):
                    raise StagingClosed(f"{one.digest} was not staged in {_WHERE}")
                self._blobs[one.digest] = one.token

    def discard(self, sealed: Iterable[Sealed]) -> None:
        for _ in sealed:
            pass  # the bytes go with the last reference to the Sealed

    def contains(self, digest: Digest) -> bool:
        return digest in self._blobs

    def size(self, digest: Digest) -> int:
        return len(self._bytes(digest))

    def open(self, digest: Digest) -> BinaryIO:
        data = self._bytes(digest)
        return verifying_reader(io.BytesIO(data), len(data), digest, _WHERE)

    def read(self, digest: Digest) -> bytes:
        data = self._bytes(digest)
        if Digest.of(data) != digest:
            raise CorruptBlob(digest, _WHERE)
        return data

    def digests(self) -> Iterator[Digest]:
        return self.with_prefix("")

    def with_prefix(self, hex_prefix: str) -> Iterator[Digest]:
        prefix = checked_prefix(hex_prefix)
        with self._lock:
            found = sorted(digest for digest in self._blobs if digest.hex.startswith(prefix))
        return iter(found)

    def remove(self, digest: Digest) -> None:
        with self._lock:
            if self._blobs.pop(digest, None) is None:
                raise BlobNotFound(digest, _WHERE)

    def _bytes(self, digest: Digest) -> bytes:
        try:
            return self._blobs[digest]
        except KeyError:
            raise BlobNotFound(digest, _WHERE) from None
