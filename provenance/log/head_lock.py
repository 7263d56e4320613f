"""The lock file: the newest tree head that this log may have signed, compared and swapped before signing.

It is what keeps a log from forking after a crash or a botched restore, so it is never part of a backup.
Its text is that of a checkpoint, unsigned. Beside it lies an empty guard file, on which processes take turns.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.errors import CorruptLog, LogError, LostRace, MalformedNote
from provenance.log.checkpoint import EMPTY_HEAD, Checkpoint, TreeHead, parse_checkpoint_text
from provenance.log.files import Step, sync_folder, write_synced


class HeadLock:
    """The lock file of one log."""

    def __init__(self, path: Path, origin: str, step: Step = lambda name: None) -> None:
        """Names the lock file; nothing is opened yet.

        Args:
            path: the lock file, outside the log's folder.
            origin: the log's name; a lock file of another log is refused.
            step: called with a name before each thing that changes the disk.
        """
        self.path = path
        self._origin = origin
        self._step = step

    @contextmanager
    def held(self) -> Iterator[None]:
        """Waits until no other process appends to this log, and keeps others out meanwhile.

        Raises:
            LogError: the guard file cannot be made.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # The lock file itself is replaced at each swap, and a lock on a replaced file guards nothing.
            guard = os.open(f"{self.path}.guard", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise LogError(f"{self.path}.guard cannot be opened: {error.strerror}.") from error
        try:
            try:
                fcntl.flock(guard, fcntl.LOCK_EX)
            except OSError as error:
                raise LogError(f"{self.path}.guard cannot be locked: {error.strerror}.") from error
            yield
        finally:
            os.close(guard)

    def read(self) -> TreeHead | None:
        """The head in the lock file, or None where there is no such file.

        Raises:
            CorruptLog: the file is damaged or belongs to another log.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CorruptLog(f"The lock file {self.path} cannot be read: {error.strerror}.") from error
        try:
            checkpoint = parse_checkpoint_text(data.decode("utf-8"))
        except (MalformedNote, UnicodeDecodeError) as error:
            raise CorruptLog(f"The lock file {self.path} is damaged: {error}") from error
        if checkpoint.origin != self._origin or checkpoint.extensions:
            raise CorruptLog(f"The lock file {self.path} is not that of the log {self._origin}.")
        return checkpoint.head

    def create(self, head: TreeHead = EMPTY_HEAD) -> None:
        """Writes the first lock file of a log, or the one that an operator's newest known head restores."""
        self._write(head)

    def swap(self, expected: TreeHead, new: TreeHead) -> None:
        """Puts `new` in the place of `expected`; once this returns, only `new` may be signed.

        Raises:
            LostRace: the lock file holds another head than expected.
        """
        found = self.read()
        if found != expected:
            shown = "nothing" if found is None else f"{found.size} leaves"
            raise LostRace(
                f"{self.path} holds {shown} where {expected.size} leaves were expected. Try again."
            )
        self._write(new)

    def sweep(self) -> None:
        """Deletes what an interrupted swap left beside the lock file; call it only while the lock is held."""
        try:
            self._temporary.unlink(missing_ok=True)
        except OSError as error:
            raise LogError(f"{self._temporary} cannot be removed: {error.strerror}.") from error

    @property
    def _temporary(self) -> Path:
        return self.path.with_name(self.path.name + ".new")

    def _write(self, head: TreeHead) -> None:
        try:
            self._step("stage lock")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_synced(self._temporary, Checkpoint(self._origin, head).text.encode())
            self._step("rename lock")
            self._temporary.replace(self.path)
            self._step("sync lock")
            sync_folder(self.path.parent)
        except OSError as error:
            raise LogError(f"The lock file {self.path} cannot be written: {error.strerror}.") from error
