"""An export as a folder: built in the folder of what is unfinished, renamed when it is whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from hashstore.blobstore import durable
from hashstore.blobstore.interface import Chunk
from manifests.export.model import Entry
from manifests.export.sinks.interface import digest_of, unusable


class FolderSink:
    """A folder.

    Files are copies, never links to blobs: who changes an image in an export must not change the store.
    """

    at_once: Final = min(4, max(2, os.cpu_count() or 1))

    def __init__(self, target: Path, unfinished: Path, time: int) -> None:
        """Makes the folder in which the export grows.

        Args:
            target: What it is to be called.
            unfinished: The folder of what is unfinished, on the same file system.
            time: The time of every file, in seconds since 1970.
        """
        self._target = target
        self._root = unfinished / "payload"
        self._time = time
        self._made: set[str] = set()
        try:
            self._root.mkdir(exist_ok=True)
            if self._root.is_symlink():
                raise NotADirectoryError(errno.ENOTDIR, "it is a link", os.fspath(self._root))
        except OSError as error:
            raise unusable(error, target) from error

    def recover(self, entries: Iterable[Entry]) -> int:
        whole = 0
        for entry in entries:
            if not self._is_whole(entry):
                break
            whole += 1
        return whole

    def put(self, path: str, size: int | None, chunks: Iterator[Chunk]) -> None:
        try:
            where = os.path.join(self._root, path)
            self._make(os.path.dirname(where))
            with open(where, "wb", buffering=0) as file:
                # The kernel writes behind us by itself; to urge it for each file cost twice the time of that.
                for chunk in chunks:
                    write_whole(file.fileno(), chunk)
                os.utime(file.fileno(), (self._time, self._time))
        except OSError as error:
            raise unusable(error, self._target) from error

    def publish(self) -> None:
        try:
            durable.sync_filesystem(os.fspath(self._root))
            # Replaces an empty folder, and refuses one with anything in it.
            os.rename(self._root, self._target)
            durable.sync_path(os.fspath(self._target.parent))
        except OSError as error:
            raise unusable(error, self._target) from error

    def close(self) -> None:
        """There is nothing to let go of."""

    def _make(self, folder: str) -> None:
        if folder not in self._made:
            os.makedirs(folder, exist_ok=True)
            self._made.add(folder)

    def _is_whole(self, entry: Entry) -> bool:
        path = self._root / entry.path
        try:
            if not path.is_file() or path.stat().st_size != entry.size:
                return False
            with path.open("rb") as file:
                return digest_of(file, entry.size) == entry.digest
        except OSError as error:
            raise unusable(error, path) from error


def write_whole(handle: int, chunk: Chunk) -> None:
    """Write all of a chunk; the kernel may take less at a time.

    Raises:
        OSError: it takes no more.
    """
    view = memoryview(chunk).cast("B")
    while view:
        view = view[os.write(handle, view) :]
