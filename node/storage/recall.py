"""Reading out of the archive, and keeping what was read: each byte is fetched once."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from hashstore.blobstore import BlobStore, Staging
from hashstore.errors import StoreUnusable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _RecallingRaw(io.RawIOBase):
    """Passes verified bytes on, and stages them on the way; they land when the end has proved right."""

    def __init__(self, source: BinaryIO, active: BlobStore) -> None:
        super().__init__()
        self._source = source
        self._active = active
        self._staging: Staging | None = None
        with suppress(StoreUnusable):  # a disk that is full or read-only does not keep anyone from reading
            self._staging = active.stage()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._source.read(len(view))  # raises CorruptBlob before the last bytes of wrong ones
        view[: len(data)] = data
        if data:
            self._keep(data)
        elif view:
            self._land()
        return len(data)

    def close(self) -> None:
        if self._staging is not None:
            self._staging.discard()
            self._staging = None
        self._source.close()
        super().close()

    def _keep(self, data: bytes) -> None:
        if self._staging is not None:
            try:
                self._staging.write(data)
            except StoreUnusable:
                self._staging = None

    def _land(self) -> None:
        if self._staging is not None:
            staging, self._staging = self._staging, None
            with suppress(StoreUnusable):
                self._active.commit([staging.seal()])


def recalling_reader(source: BinaryIO, size: int, active: BlobStore) -> BinaryIO:
    """Wrap a verifying reader so that the blob stands in `active` once it was read to its end.

    Args:
        source: Verifies what it gives; is closed with the reader.
        size: How many bytes it has, as far as is known; decides on the buffer only.
        active: Takes the blob, unless it cannot.
    """
    raw = _RecallingRaw(source, active)
    return cast(BinaryIO, io.BufferedReader(raw, min(1 << 20, max(size, 1))))
