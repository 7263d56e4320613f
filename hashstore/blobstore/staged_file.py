"""One blob on its way into a directory store: a temporary file, hashed while it is written."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from hashstore.blobstore.durable import begin_writing, translated
from hashstore.blobstore.interface import Chunk, Sealed
from hashstore.digest import Digest
from hashstore.errors import StagingClosed

_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_CLOSED: Final = -1
_LARGE: Final = 1 << 16  # bytes from which it pays that the disk begins before the sync that waits for it


class StagedFile:
    """A `Staging` whose token is the path of its temporary."""

    __slots__ = ("_file", "_hash", "_path", "_size")

    def __init__(self, path: str) -> None:
        """Make the temporary.

        Raises:
            OSError: If it cannot be made.
        """
        self._path = path
        self._hash = hashlib.sha256()
        self._size = 0
        # Blobs never change, and read-only files say so to every tool.
        self._file = os.open(path, _FLAGS, 0o444)

    def write(self, chunk: Chunk) -> None:
        file = self._opened()
        self._hash.update(chunk)
        try:
            written = os.write(file, chunk)
            if written < len(chunk):
                self._write_rest(memoryview(chunk)[written:])
        except OSError as error:
            self.discard()
            raise translated(error, f"writing the temporary {self._path}") from error
        self._size += len(chunk)

    def seal(self) -> Sealed:
        file = self._opened()
        self._file = _CLOSED
        if self._size >= _LARGE:
            begin_writing(file)
        try:
            os.close(file)
        except OSError as error:  # network filesystems tell of a failed write only now
            self._unlink()
            raise translated(error, f"writing the temporary {self._path}") from error
        return Sealed(Digest(self._hash.digest()), self._size, self._path)

    def discard(self) -> None:
        if self._file != _CLOSED:
            file, self._file = self._file, _CLOSED
            with suppress(OSError):
                os.close(file)
            self._unlink()

    def _write_rest(self, rest: memoryview) -> None:
        while rest:
            rest = rest[os.write(self._file, rest) :]

    def _opened(self) -> int:
        if self._file == _CLOSED:
            raise StagingClosed("this staging was sealed or discarded; begin another with stage()")
        return self._file

    def _unlink(self) -> None:
        with suppress(OSError):
            os.unlink(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def __del__(self) -> None:
        self.discard()
