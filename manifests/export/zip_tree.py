"""An export in a ZIP, read without trust: only plain, uncompressed entries, each name once."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final, cast

from manifests.export.errors import DamagedExport
from manifests.export.manifest import MANIFEST_NAME, lines_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")  # of a ZIP with entries, and of one without
_LARGEST_DIRECTORY: Final = 1 << 29  # bytes of the list of entries: some five million files
_ENCRYPTED: Final = 0x1
# What the library raises of a file that somebody has made up.
_REFUSED: Final = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, struct.error)


class ZipTree:
    """The files of an export in a ZIP, in any order."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Looks at the names.

        Raises:
            DamagedExport: a name is there twice, so that readers could see different files.
        """
        self._zip = archive
        self._infos = {info.filename: info for info in archive.infolist()}
        self._named: set[str] = set()
        if len(self._infos) != len(archive.infolist()):
            raise DamagedExport("The ZIP has two files of one name.")

    def manifest(self) -> Iterator[bytes]:
        if MANIFEST_NAME not in self._infos:
            raise DamagedExport("The ZIP has no export's manifest: it is no export.")
        with self.open(MANIFEST_NAME) as file:
            yield from lines_of(file)

    def open(self, path: str) -> BinaryIO:
        info = self._infos.get(path)
        if info is None:
            raise DamagedExport("it is not there")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED or info.is_dir():
            raise DamagedExport("it is compressed, encrypted, or no plain file")
        try:
            reader = _Reader(self._zip.open(info))
        except _REFUSED as error:
            raise DamagedExport(f"it cannot be read: {error}") from error
        self._named.add(path)
        return cast(BinaryIO, io.BufferedReader(reader, 1 << 16))

    def besides(self) -> Iterator[str]:
        return (name for name in self._infos if name not in self._named)


class _Reader(io.RawIOBase):
    """An entry's bytes; what the library finds wrong with them is an export's damage."""

    def __init__(self, entry: IO[bytes]) -> None:
        super().__init__()
        self._entry = entry

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._entry.read(len(view))
        except _REFUSED as error:
            raise DamagedExport(f"it cannot be read: {error}") from error
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._entry.close()
        super().close()


class _Bounded(io.BufferedReader):
    """A file that is never read into memory whole, whatever its own list of entries says."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LARGEST_DIRECTORY:
            raise DamagedExport("The ZIP's list of files is too long.")
        return super().read(size)


@contextmanager
def opened_zip(path: Path) -> Iterator[ZipTree]:
    """Open a ZIP.

    Raises:
        DamagedExport: it cannot be read as one.
    """
    try:
        archive = zipfile.ZipFile(_Bounded(io.FileIO(path)))
    except _REFUSED as error:
        raise DamagedExport(f"The ZIP cannot be read: {error}") from error
    with archive:
        yield ZipTree(archive)
