"""What a place of exports does: take files in order, show all of them at once, and go on after a kill."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from hashstore.blobstore.interface import Chunk
from hashstore.digest import Digest
from manifests.export.errors import PlaceUnusable
from manifests.export.model import Entry

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_CHUNK: Final = 1 << 20


class Readable(Protocol):
    """What gives its next bytes."""

    def read(self, size: int, /) -> bytes: ...


class Sink(Protocol):
    """A place. Nothing of an export is seen there before `publish`.

    Attributes:
        at_once: How many files it takes at the same time, each on a thread of its own; 1 where their order
            in it matters.
    """

    @property
    def at_once(self) -> int: ...

    def recover(self, entries: Iterable[Entry]) -> int:
        """Look how many of these files, from the first on, are there whole; forget what is behind them.

        Raises:
            PlaceUnusable: the place cannot be read.
        """

    def put(self, path: str, size: int | None, chunks: Iterator[Chunk]) -> None:
        """Take the next file.

        Args:
            path: Relative, with `/`.
            size: In bytes; None if that is known only at the end.
            chunks: Its bytes. What they raise comes through.

        Raises:
            PlaceUnusable: it cannot be written.
        """

    def publish(self) -> None:
        """Make everything durable, then show it under its name, all at once.

        Raises:
            PlaceUnusable: that failed, or something has come to be there meanwhile.
        """

    def close(self) -> None:
        """Let go. What was put and not published waits for a second run."""


def unusable(error: OSError, where: object) -> PlaceUnusable:
    """The error that tells a curator what to do, for one of the kernel's."""
    said = error.strerror or str(error)
    if error.errno in _NO_ROOM:
        return PlaceUnusable(
            f"No room is left for {where} ({said}). Free some space, then run the same command with "
            "--resume: what was written is kept."
        )
    return PlaceUnusable(f"{where} cannot be written ({said}). Look at the disk and its permissions.")


def digest_of(file: Readable, size: int) -> Digest | None:
    """The digest of the next `size` bytes; None if there are not so many."""
    state, left = hashlib.sha256(), size
    while left and (chunk := file.read(min(_CHUNK, left))):
        state.update(chunk)
        left -= len(chunk)
    return None if left else Digest(state.digest())
