"""The files of a log on disk: read whole, and written so that a name never shows half a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from provenance.errors import CorruptLog, LogError

Step = Callable[[str], None]

_TEMPORARY = "tmp"
_LARGEST_FILE = 17 * 1024 * 1024  # a full bundle of 256 entries of 65,535 bytes


class FileSource(Protocol):
    """Where a log's static files come from: a folder here, a mirror or a peer elsewhere."""

    def read(self, path: str) -> bytes | None:
        """The bytes at a path below the log's prefix, or None where there is no such file."""
        ...


class LogFiles(FileSource, Protocol):
    """Where a log is kept: a folder, or memory in a simulation."""

    @property
    def where(self) -> str:
        """What to call it in an error."""
        ...

    def write(self, files: Mapping[str, bytes]) -> None:
        """Writes files, durable when this returns; a crash leaves whole files only."""
        ...

    def remove(self, path: str) -> None:
        """Deletes one file, durably."""
        ...

    def paths(self, below: str = "", skip: Callable[[str], bool] = lambda folder: False) -> Iterator[str]:
        """Every file below a folder, those in folders to skip left out."""
        ...

    def sweep_temporaries(self) -> None:
        """Deletes what an interrupted write left."""
        ...


class LogFolder:
    """A log's folder: `checkpoint`, `tile/...`, and `tmp/` while something is being written."""

    def __init__(self, root: Path, step: Step = lambda name: None) -> None:
        """Opens a folder that need not exist yet.

        Args:
            root: the folder.
            step: called with a name before each thing that changes the disk; tests stop the world there.
        """
        self.root = root
        self._step = step

    @property
    def where(self) -> str:
        """The folder's path."""
        return str(self.root)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, or None where it is missing.

        Raises:
            CorruptLog: it is there but cannot be read.
        """
        try:
            with (self.root / path).open("rb") as file:
                return file.read(_LARGEST_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise CorruptLog(f"{self.root / path} cannot be read: {error.strerror}.") from error

    def write(self, files: Mapping[str, bytes]) -> None:
        """Writes files under their final names, durable when this returns; a crash leaves whole files only.

        Raises:
            LogError: the disk is full, or the folder cannot be written.
        """
        try:
            temporaries = {path: self._stage(path, data) for path, data in files.items()}
            folders = {self.root}
            for path, temporary in temporaries.items():
                self._step(f"rename {path}")
                final = self.root / path
                folders |= _make_folders(final.parent, self.root)
                temporary.replace(final)
            for folder in sorted(folders):
                self._step(f"sync {folder.relative_to(self.root)}/")
                sync_folder(folder)
        except OSError as error:
            raise LogError(f"The log in {self.root} cannot be written: {error.strerror}.") from error

    def remove(self, path: str) -> None:
        """Deletes one file, durably: a tile that came back after a power cut would contradict a later one.

        Raises:
            LogError: it cannot be deleted.
        """
        self._step(f"remove {path}")
        try:
            (self.root / path).unlink(missing_ok=True)
            sync_folder((self.root / path).parent)
        except OSError as error:
            raise LogError(f"{self.root / path} cannot be removed: {error.strerror}.") from error

    def paths(self, below: str = "", skip: Callable[[str], bool] = lambda folder: False) -> Iterator[str]:
        """Every file (or link, or anything else that is no folder) below a folder, those to skip left out."""
        for folder, folders, names in os.walk(self.root / below):
            here = Path(folder).relative_to(self.root)
            folders[:] = sorted(name for name in folders if not skip((here / name).as_posix()))
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in sorted(names + links):
                yield (Path(folder) / name).relative_to(self.root).as_posix()

    def is_plain(self, path: str) -> bool:
        """Whether the path is a regular file and no link leads to it."""
        return (self.root / path).is_file() and not (self.root / path).is_symlink()

    def sweep_temporaries(self) -> None:
        """Deletes what an interrupted write left; call it only while no other process writes."""
        for path in list(self.paths(_TEMPORARY)):
            self.remove(path)

    def _stage(self, path: str, data: bytes) -> Path:
        self._step(f"stage {path}")
        temporary = self.root / _TEMPORARY / path.replace("/", ",")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        write_synced(temporary, data)
        return temporary


def write_synced(path: Path, data: bytes) -> None:
    """Writes a file and flushes it to the disk."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Flushes a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folders(folder: Path, root: Path) -> set[Path]:
    """Makes a folder and returns all those whose names must be flushed for it to last."""
    touched = {folder}
    missing = folder
    while missing != root and not missing.exists():
        missing = missing.parent
        touched.add(missing)
    folder.mkdir(parents=True, exist_ok=True)
    return touched
