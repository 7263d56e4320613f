"""A node's own log: appending in the order that never forks, and recovering after a crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from hashstore.merkle import leaf_hashes
from provenance.errors import CorruptLog, LogError, MissingLock, StaleLock
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import (
    EMPTY_HEAD,
    Checkpoint,
    CheckpointSigner,
    TreeHead,
    open_checkpoint,
)
from provenance.log.files import LogFolder, Step
from provenance.log.growth import grown_files, is_settled, is_uncommitted
from provenance.log.head_lock import HeadLock
from provenance.log.note import Note, NoteSignature, parse_note
from provenance.log.reader import CHECKPOINT, LogReader
from provenance.log.tree import TileTree


def _no_step(name: str) -> None:
    """Where tests stop the world, production goes on."""


class Log(LogReader):
    """A log that this node signs.

    An append writes the new tiles and flushes them, swaps the head in the lock file, and only then signs and
    publishes the checkpoint. Whenever the process dies, the next append (or `recover`) finishes or undoes it.
    """

    def __init__(
        self,
        directory: Path,
        origin: str,
        signer: SigningKey,
        *,
        lock: Path | None = None,
        further: Sequence[CheckpointSigner] = (),
        step: Step = _no_step,
    ) -> None:
        """Opens a log; nothing is read or written yet.

        Args:
            directory: the log's folder, which any web server can hold; made at the first append.
            origin: the log's name, which is also its key's name.
            signer: the log's private key.
            lock: the lock file; `<directory>.lock` if left out. It must not be part of any backup.
            further: makes signature lines beside the log's own: of another algorithm, or of the key to which
                the log is changing.
            step: called with a name before each change of the disk.
        """
        super().__init__(LogFolder(directory, step), VerifierKey(origin, signer.public))
        self._files = LogFolder(directory, step)
        self._signer = signer
        self._further = tuple(further)
        self._lock = HeadLock(lock or directory.with_name(directory.name + ".lock"), origin, step)
        self._step = step

    def append(self, leaves: Sequence[bytes]) -> range:
        """Adds leaves; when this returns they are durable and in the published checkpoint.

        Returns:
            The indexes that the leaves got.

        Raises:
            MissingLock: the log has entries but no lock file.
            StaleLock: the lock file is older than the checkpoint.
            CorruptLog: the newest tiles do not lead to the head.
            LogError: the disk cannot be written, or a leaf is too long.
        """
        with self._lock.held():
            old = self._recover()
            if not leaves:
                return range(old.size, old.size)
            tree = TileTree(self._files, old.size)
            if tree.root() != old.root:
                raise CorruptLog(
                    f"The newest tiles of {self._files.root} are damaged. Run verify on this log."
                )
            files = grown_files(tree, leaves, leaf_hashes(leaves))
            self._files.write(files)
            size = old.size + len(leaves)
            new = TreeHead(size, TileTree(self._files, size).root())
            self._lock.swap(old, new)
            self._publish(new)
            return range(old.size, size)

    def sign_again(self) -> None:
        """Publishes the published head once more, signed by the keys of now; lines by others are dropped.

        Raises:
            LogError: as `append`.
        """
        with self._lock.held():
            head = self._recover()
            if head.size:
                self._publish(head)

    def publish_lines(self, text: str, lines: Sequence[NoteSignature]) -> bool:
        """Adds signature lines, such as those of witnesses, to the published checkpoint.

        Args:
            text: the checkpoint's text for which the lines were made, and which the caller has checked.
            lines: the lines; one of the same name and key as a line already there takes its place.

        Returns:
            Whether they were added: not where the log has gone on meanwhile.

        Raises:
            LogError: as `append`.
        """
        with self._lock.held():
            self._recover()
            data = self.signed_checkpoint()
            if data is None or (note := parse_note(data)).text != text:
                return False
            added = {(line.name, line.key_id): line for line in (*note.signatures, *lines)}
            self._step("add lines")
            self._files.write({CHECKPOINT: Note(text, tuple(added.values())).encode()})
            return True

    def recover(self) -> TreeHead:
        """Finishes or undoes whatever an interrupted append left; harmless at any other time.

        Returns:
            The head that is published now.

        Raises:
            MissingLock: the log has entries but no lock file.
            StaleLock: the lock file is older than the checkpoint, so it was restored from somewhere.
            CorruptLog: the tiles do not lead to the head that was promised.
        """
        with self._lock.held():
            return self._recover()

    def restore_lock(self, newest: bytes, former: Sequence[VerifierKey] = ()) -> TreeHead:
        """Writes a lost lock file anew from the newest signed checkpoint that others know.

        Args:
            newest: the checkpoint of this log as a peer or a witness holds it.
            former: keys that the log had before, and with which others may know it still.

        Raises:
            StaleLock: there is a lock file already, or this folder is behind or beside what others know; then
                the log has to be succeeded.
        """
        known = open_checkpoint(newest, self.key, *former)
        with self._lock.held():
            if self._lock.read() is not None or known.origin != self.key.name:
                raise StaleLock(
                    f"{self._lock.path} exists, or the checkpoint given is not of {self.key.name}."
                )
            head = self.head()
            if head.size < known.head.size:
                raise StaleLock(
                    f"Others know {known.head.size} leaves of {self.key.name}, this folder has {head.size}. "
                    "Fetch the rest from a peer first, or succeed the log."
                )
            if known.head.size:
                self.consistency(known.head)
            self._lock.create(head)
            return self._recover()

    def _recover(self) -> TreeHead:
        locked = self._lock.read()
        if locked is None:
            self._refuse_entries_without_lock()
            self._lock.create()
            locked = EMPTY_HEAD
        published = self.head()
        self._refuse_stale_lock(locked, published)
        self._undo(locked)
        if locked.size > published.size:
            self._check_promised(published, locked)
            self._publish(locked)
        return locked

    def _refuse_entries_without_lock(self) -> None:
        if next(self._files.paths(), None) is not None:
            raise MissingLock(
                f"{self._files.root} has entries, but its lock file {self._lock.path} is gone. Signing now "
                "could fork the log. Give the newest checkpoint of it that a peer or witness holds."
            )

    def _refuse_stale_lock(self, locked: TreeHead, published: TreeHead) -> None:
        if published.size > locked.size or (published.size == locked.size and published != locked):
            raise StaleLock(
                f"The lock file {self._lock.path} stands at {locked.size} leaves, the published checkpoint "
                f"at {published.size}, and they contradict each other: one of them comes from a backup. "
                "Move the lock file away and give the newest checkpoint that a peer or witness holds."
            )

    def _check_promised(self, published: TreeHead, locked: TreeHead) -> None:
        for head in (published, locked):
            if TileTree(self._files, head.size).root() != head.root:
                raise CorruptLog(
                    f"The tiles in {self._files.root} do not lead to the head of {head.size} leaves that the "
                    "lock file and the checkpoint name. Restore the tiles, or succeed the log."
                )

    def _undo(self, head: TreeHead) -> None:
        """Deletes what was written for a head never promised: another append may write it otherwise."""
        self._lock.sweep()
        self._files.sweep_temporaries()
        for path in list(self._uncommitted(head.size)):
            self._files.remove(path)

    def _uncommitted(self, size: int) -> Iterator[str]:
        paths = self._files.paths("tile", skip=lambda folder: is_settled(folder, size))
        return (path for path in paths if is_uncommitted(path, size))

    def _publish(self, head: TreeHead) -> None:
        self._step("sign")
        try:
            self._files.write(
                {CHECKPOINT: Checkpoint(self.key.name, head).sign(self._signer, *self._further)}
            )
        except LogError as error:
            raise LogError(f"{error} Its entries are safe; the next run publishes them.") from error
