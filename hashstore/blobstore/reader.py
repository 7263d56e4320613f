"""A reader that verifies what it hands out."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from hashstore.digest import Digest
from hashstore.errors import CorruptBlob, StoreUnusable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER_SIZE = 1 << 20


class Source(Protocol):
    """What can be wrapped: an unbuffered file, a BytesIO, an HTTP body."""

    def readinto(self, buffer: WriteableBuffer, /) -> int | None: ...

    def close(self) -> None: ...


class _VerifyingRaw(io.RawIOBase):
    """Hashes all bytes that pass, and judges them before the last of them leave."""

    def __init__(self, source: Source, size: int, digest: Digest, where: str) -> None:
        super().__init__()
        self._source = source
        self._left = size
        self._digest = digest
        self._where = where
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not view:
            return 0
        try:
            count = self._source.readinto(view) or 0
        except OSError as error:
            raise StoreUnusable(f"{self._where} could not be read: {error.strerror}") from error
        self._hash.update(view[:count])
        self._left -= count
        # Judged at the known size too: a caller that asks for exactly that many bytes never meets the end.
        if (count == 0 or self._left <= 0) and self._hash.digest() != self._digest.raw:
            raise CorruptBlob(self._digest, self._where)
        return count

    def close(self) -> None:
        self._source.close()
        super().close()


def verifying_reader(source: Source, size: int, digest: Digest, where: str) -> BinaryIO:
    """Wrap a source of `size` bytes so that reading to its end proves them to have `digest`.

    Args:
        source: Is closed with the reader.
        size: What the store says; not trusted, only used to judge before the last bytes leave.
        digest: What the bytes must hash to.
        where: Told in errors.
    """
    raw = _VerifyingRaw(source, size, digest, where)
    return cast(BinaryIO, io.BufferedReader(raw, min(_BUFFER_SIZE, max(size, 1))))
