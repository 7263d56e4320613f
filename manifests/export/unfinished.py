"""The folder beside its place in which an export grows: what was written, and a journal of that."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from manifests.export.errors import DamagedExport, ExportRefused
from manifests.export.manifest import Job, entry_line, read_entry
from manifests.export.model import Entry
from manifests.export.sinks.interface import unusable


def unfinished_beside(target: Path) -> Path:
    """The folder of what is unfinished of an export to `target`."""
    return target.parent / f".{target.name}.unfinished"


class Unfinished:
    """A folder of an unfinished export, held by one process.

    Attributes:
        folder: The folder.
        begun_anew: Whether what an earlier run has left was of no use, so that it may be removed.

    The journal has the form of the export's manifest, without its last line. Not everything that it names has
    to be durable: a sink looks at the bytes before a second run goes on from there.
    """

    def __init__(self, folder: Path, job: Job, *, resume: bool) -> None:
        """Takes the folder.

        Args:
            folder: It is made if it is not there.
            job: What is exported.
            resume: Whether to go on with what is there.

        Raises:
            ExportRefused: something unfinished is there and is not to be gone on with, is of another export,
                or is being written by another process.
            PlaceUnusable: the folder cannot be made.
        """
        self.folder = folder
        self.begun_anew = False
        self._job = job
        self._path = folder / "journal.jsonl"
        self._header = job.header()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if folder.is_symlink():
                # In a folder that many write to, somebody may have put it there to have us write elsewhere.
                raise ExportRefused(f"{folder} is a link. Remove it, or export to another place.")
            self._lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise unusable(error, folder) from error
        try:
            self._take(resume)
        except BaseException:
            os.close(self._lock)
            raise

    def entries(self) -> Iterator[Entry]:
        """What the last run has written, as far as it could still say so."""
        with self._path.open("rb") as file:
            file.seek(len(self._header))
            for line in file:
                try:
                    yield read_entry(line)
                except DamagedExport:
                    return  # torn by the kill

    def keep(self, count: int) -> None:
        """Forget all but the first `count` entries."""
        end = len(self._header)
        for number, entry in enumerate(self.entries()):
            if number == count:
                break
            end += len(entry_line(entry))
        with self._path.open("r+b") as file:
            file.truncate(end)

    def add(self, entry: Entry) -> None:
        """Note a file that was written."""
        try:
            self._journal.write(entry_line(entry))
        except OSError as error:
            raise unusable(error, self.folder) from error

    def text(self) -> Iterator[bytes]:
        """The journal's bytes."""
        with self._path.open("rb") as file:
            while chunk := file.read(1 << 20):
                yield chunk

    def remove(self) -> None:
        """The export is published: nothing of this is needed any more."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._journal.closed:
            self._journal.close()
        os.close(self._lock)

    def _take(self, resume: bool) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ExportRefused(f"Another process is writing this export ({self.folder}).") from None
        try:
            if self._path.exists() and not resume:
                raise ExportRefused(
                    f"An unfinished export lies in {self.folder}. Go on with it (--resume), "
                    "or remove that folder."
                )
            if not self._continues():
                self.begun_anew = self._path.exists()
                self._begin()
            self._journal = self._path.open("ab", buffering=0)
        except OSError as error:
            raise unusable(error, self.folder) from error

    def _continues(self) -> bool:
        """Whether the journal is of the same job; one that left out other members is begun anew."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            found = file.read(len(self._header))
        own = Job(self._job.dataset, self._job.manifest, self._job.format, self._job.exporter).header()
        if found[: len(own)] != own[: len(found)]:
            raise ExportRefused(
                f"The unfinished export in {self.folder} is of another dataset, format or version "
                "of the exporter. Remove that folder, or export to another place."
            )
        with self._path.open("rb") as file:
            file.seek(len(found))
            behind = file.readline()
        return found == self._header and b'"type":"LeftOut"' not in behind

    def _begin(self) -> None:
        for name in ("payload", "payload.tar", "payload.zip"):
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self._path.write_bytes(self._header)
