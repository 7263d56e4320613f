"""An export as one ZIP file: nothing compressed, ZIP64 where it is needed.

Source: PKWARE's APPNOTE.TXT 6.3.9. Entries are written by Python's zipfile; the central directory comes last,
so what a kill leaves behind can be gone on with once its entries have been looked at.
"""

from __future__ import annotations

import os
import stat
import time as clock
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from hashstore.blobstore import durable
from hashstore.blobstore.interface import Chunk
from manifests.export.model import Entry
from manifests.export.sinks.interface import digest_of, unusable
from manifests.export.sinks.spool import spooled

_LARGE: Final = 1 << 30  # bytes; from here on an entry has sizes of 64 bits, whatever the library thinks
_FIRST: Final = 315_532_800  # 1980-01-01 in seconds since 1970: no entry of a ZIP can be older
_MODE: Final = (stat.S_IFREG | 0o644) << 16
_UNIX: Final = 3


class ZipSink:
    """A ZIP file. Memory: some 500 bytes for each file in it."""

    at_once: Final = 1

    def __init__(self, target: Path, unfinished: Path, time: int) -> None:
        """Opens the ZIP that grows, where the last run left it.

        Args:
            target: What it is to be called.
            unfinished: The folder of what is unfinished, on the same file system.
            time: The time of every file, in seconds since 1970.
        """
        self._target = target
        self._path = unfinished / "payload.zip"
        self._time = clock.gmtime(max(time, _FIRST))[:6]
        self._zip: zipfile.ZipFile | None = None
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            self._file: BinaryIO = os.fdopen(handle, "r+b")
        except OSError as error:
            raise unusable(error, target) from error

    def recover(self, entries: Iterable[Entry]) -> int:
        whole: list[zipfile.ZipInfo] = []
        try:
            self._file.seek(0)
            end = 0
            for entry in entries:
                if (info := self._read(entry)) is None:
                    break
                whole.append(info)
                end = self._file.tell()
            self._file.seek(end)
            self._file.truncate()
        except OSError as error:
            raise unusable(error, self._target) from error
        self._begin(whole)
        return len(whole)

    def put(self, path: str, size: int | None, chunks: Iterator[Chunk]) -> None:
        try:
            if size is not None:
                self._append(path, size, chunks)
                return
            with spooled(chunks, self._path.parent) as (length, again):
                self._append(path, length, again)
        except OSError as error:
            raise unusable(error, self._target) from error

    def publish(self) -> None:
        try:
            self._opened().close()
            self._file.flush()
            os.fsync(self._file.fileno())
            # A link, since a rename would replace what has come to be there meanwhile.
            os.link(self._path, self._target)
            durable.sync_path(os.fspath(self._target.parent))
        except OSError as error:
            raise unusable(error, self._target) from error

    def close(self) -> None:
        if self._zip is not None:
            self._zip.fp = None  # or it would write its list of files yet: a second run goes on before that
        # What cannot be written now is looked at by the second run.
        with suppress(OSError):
            self._file.close()

    def _begin(self, entries: list[zipfile.ZipInfo]) -> None:
        """Go on behind these entries, at whose end the file stands."""
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED)
        self._zip.filelist.extend(entries)
        self._zip.NameToInfo.update({info.filename: info for info in entries})

    def _opened(self) -> zipfile.ZipFile:
        if self._zip is None:
            self._begin([])
        assert self._zip is not None
        return self._zip

    def _append(self, path: str, size: int, chunks: Iterator[Chunk]) -> None:
        info = self._info(path, size)
        with self._opened().open(info, "w", force_zip64=size >= _LARGE) as entry:
            for chunk in chunks:
                entry.write(chunk)

    def _info(self, path: str, size: int) -> zipfile.ZipInfo:
        info = zipfile.ZipInfo(path, self._time)
        info.create_system = _UNIX
        info.external_attr = _MODE
        info.file_size = info.compress_size = size
        info.CRC = 0  # until the bytes have passed
        return info

    def _read(self, entry: Entry) -> zipfile.ZipInfo | None:
        """The next entry of the file, if it is this one and whole; the file then stands behind it."""
        info, start = self._info(entry.path, entry.size), self._file.tell()
        info.header_offset = start
        length = len(info.FileHeader(zip64=entry.size >= _LARGE))
        header = self._file.read(length)
        crc = _Crc(self._file)
        if len(header) != length or digest_of(crc, entry.size) != entry.digest:
            return None
        info.CRC = crc.value
        return info if info.FileHeader(zip64=entry.size >= _LARGE) == header else None


class _Crc:
    """A file whose CRC-32 is taken as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.value = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.value = zlib.crc32(data, self.value)
        return data
