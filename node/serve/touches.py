"""Which blobs are asked for, told now and then to the caches: what is used stays longer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

from hashstore.digest import Digest

_BLOB = "/blob/sha256/"
_EVERY = 60.0  # seconds between two tellings
_MOST = 10_000  # blobs kept in memory until then


class Touches:
    """What one worker was asked for since it last told."""

    def __init__(self, tell: Callable[[Collection[Digest]], None], clock: Callable[[], float]) -> None:
        """Nothing was asked for yet.

        Args:
            tell: Takes digests down; called in a thread of its own, as it may wait for a disk.
            clock: Seconds, from any start, never going back.
        """
        self._tell = tell
        self._clock = clock
        self._told = clock()
        self._read: set[str] = set()

    def note(self, path: str, status: int) -> threading.Thread | None:
        """Take down a request; returns the thread that tells, where it is time for that."""
        if status not in (200, 206) or not path.startswith(_BLOB):
            return None
        self._read.add(path)
        if len(self._read) < _MOST and self._clock() - self._told < _EVERY:
            return None
        read, self._read, self._told = self._read, set(), self._clock()
        thread = threading.Thread(target=self._tell_of, args=(read,), name="touches", daemon=True)
        thread.start()
        return thread

    def _tell_of(self, paths: Collection[str]) -> None:
        self._tell({Digest.parse(path.removeprefix(_BLOB)) for path in paths})
