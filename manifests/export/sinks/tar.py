"""An export as one tar file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from hashstore.blobstore import durable
from hashstore.blobstore.interface import Chunk
from manifests.export.model import Entry
from manifests.export.sinks.folder import write_whole
from manifests.export.sinks.interface import digest_of, unusable
from manifests.export.sinks.spool import spooled
from manifests.export.tarring import END, padding, tar_header


class TarSink:
    """A tar file."""

    at_once: Final = 1

    def __init__(self, target: Path, unfinished: Path, time: int) -> None:
        """Opens the tar that grows, where the last run left it.

        Args:
            target: What it is to be called.
            unfinished: The folder of what is unfinished, on the same file system.
            time: The time of every file, in seconds since 1970.
        """
        self._target = target
        self._path = unfinished / "payload.tar"
        self._time = time
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
            self._file: BinaryIO = os.fdopen(handle, "r+b", buffering=0)
        except OSError as error:
            raise unusable(error, target) from error

    def recover(self, entries: Iterable[Entry]) -> int:
        whole, end = 0, 0
        try:
            self._file.seek(0)
            for entry in entries:
                if not self._is_next(entry):
                    break
                whole, end = whole + 1, self._file.tell()
            self._file.seek(end)
            self._file.truncate()
        except OSError as error:
            raise unusable(error, self._target) from error
        return whole

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
            write_whole(self._file.fileno(), END)
            os.fsync(self._file.fileno())
            # A link, since a rename would replace what has come to be there meanwhile.
            os.link(self._path, self._target)
            durable.sync_path(os.fspath(self._target.parent))
        except OSError as error:
            raise unusable(error, self._target) from error

    def close(self) -> None:
        self._file.close()

    def _append(self, path: str, size: int, chunks: Iterator[Chunk]) -> None:
        handle = self._file.fileno()
        write_whole(handle, tar_header(path, size, self._time))
        for chunk in chunks:
            write_whole(handle, chunk)
        write_whole(handle, padding(size))

    def _is_next(self, entry: Entry) -> bool:
        header = tar_header(entry.path, entry.size, self._time)
        filled = padding(entry.size)
        return (
            self._file.read(len(header)) == header
            and digest_of(self._file, entry.size) == entry.digest
            and self._file.read(len(filled)) == filled
        )
