"""Another's log, kept here file by file: it only ever grows, and only by what its signed head commits to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path

from hashstore.merkle import leaf_hashes
from provenance.errors import CorruptLog, LogError
from provenance.keys import VerifierKey
from provenance.log.checkpoint import TreeHead
from provenance.log.files import LogFiles, LogFolder, Step
from provenance.log.growth import grown_files, is_settled, is_uncommitted
from provenance.log.reader import CHECKPOINT, LogReader
from provenance.log.tiles import WIDTH
from provenance.log.tree import TileTree

_CHUNK = WIDTH * WIDTH  # leaves held in memory; a multiple of a tile's width, so that no tile is cut by it
_HELD = 64 << 20  # bytes of them; a leaf may have 65,535


class Verdict(StrEnum):
    """What a signed head is to the one that is known already."""

    SAME = "same"
    GROWN = "grown"
    OLDER = "older"
    FORKED = "forked"


def judge(known: TreeHead, offered: TreeHead) -> Verdict:
    """Compare two signed heads of one log by what they say alone.

    `GROWN` and `OLDER` remain to be proved; `FORKED` is proved: one size with two roots.
    """
    if offered.size != known.size:
        return Verdict.GROWN if offered.size > known.size else Verdict.OLDER
    return Verdict.SAME if offered.root == known.root else Verdict.FORKED


class Mirror(LogReader):
    """A followed log in a folder of static files, the same that its owner publishes.

    Tiles are worked out from the leaves, so that nobody has to be trusted; the checkpoint is published last.
    Killed at any moment, the folder still is the log as it stood at its checkpoint.
    """

    def __init__(
        self,
        directory: Path | LogFiles,
        key: VerifierKey,
        *,
        former: tuple[VerifierKey, ...] = (),
        step: Step = lambda name: None,
    ) -> None:
        """Names a mirror; nothing is read or written yet.

        Args:
            directory: its folder, made when the first leaves come; or where else the files are kept.
            key: the log's key under its origin as name.
            former: keys that it had before.
            step: called with a name before each change of the folder.
        """
        self._files: LogFiles = LogFolder(directory, step) if isinstance(directory, Path) else directory
        super().__init__(self._files, key, former=former)

    def under(self, key: VerifierKey, *former: VerifierKey) -> Mirror:
        """The same mirror, once the log has another key."""
        return Mirror(self._files, key, former=former)

    def extend(self, signed: bytes, leaves: Iterable[bytes]) -> TreeHead:
        """Grow to a newer head; one writer at a time.

        Args:
            signed: the newer checkpoint, as it was published.
            leaves: the leaves from this mirror's size up to the checkpoint's, whoever they came from.

        Returns:
            The new head, which is durable.

        Raises:
            BadSignature: the log's key did not sign the checkpoint.
            CorruptLog: the leaves, after those that are here, do not lead to the signed root.
            LogError: the checkpoint is not ahead of this mirror, a leaf is too long, or the disk is full.
        """
        old, new = self.head(), self._open(signed).head
        if judge(old, new) is not Verdict.GROWN:
            raise LogError(f"{self.key.name}: a head of {new.size} leaves is not ahead of {old.size}.")
        self._undo(old.size)
        try:
            self._grow(old, new, iter(leaves))
        except BaseException:
            self._undo(old.size)
            raise
        self._files.write({CHECKPOINT: signed})
        return new

    def renew(self, signed: bytes) -> None:
        """Put other signatures under the head that stands here, such as those of more witnesses.

        Raises:
            BadSignature: the log's key did not sign it.
            LogError: it is of another head.
        """
        if judge(self.head(), self._open(signed).head) is not Verdict.SAME:
            raise LogError(f"{self.key.name}: this is not the head that stands here.")
        self._files.write({CHECKPOINT: signed})

    def _grow(self, old: TreeHead, new: TreeHead, leaves: Iterator[bytes]) -> None:
        tree = TileTree(self._files, old.size)
        if tree.root() != old.root:
            raise CorruptLog(f"The mirror in {self._files.where} is damaged. Move it away and sync again.")
        while tree.size < new.size:
            room = min(_CHUNK - tree.size % _CHUNK, new.size - tree.size)
            batch = list(_batch(leaves, tree.size, room))
            if not batch:
                raise CorruptLog(f"{self.key.name}: the leaves end at {tree.size} of {new.size}.")
            self._files.write(grown_files(tree, batch, leaf_hashes(batch)))
            tree = TileTree(self._files, tree.size + len(batch))
        if tree.root() != new.root or next(leaves, None) is not None:
            raise CorruptLog(
                f"{self.key.name}: these leaves do not lead from the {old.size} that are known to the signed "
                f"head of {new.size}."
            )

    def _undo(self, size: int) -> None:
        """Delete what was written for a head that never came to stand here."""
        self._files.sweep_temporaries()
        paths = self._files.paths("tile", skip=lambda folder: is_settled(folder, size))
        for path in [path for path in paths if is_uncommitted(path, size)]:
            self._files.remove(path)


def _batch(leaves: Iterator[bytes], start: int, room: int) -> Iterator[bytes]:
    """The next leaves: `room`, or fewer, up to the end of a tile, if they are heavy."""
    held = 0
    for end, leaf in enumerate(islice(leaves, room), start + 1):
        yield leaf
        held += len(leaf)
        if held > _HELD and end % WIDTH == 0:
            return
