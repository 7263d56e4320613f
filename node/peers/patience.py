"""How often a log is examined again that could not be examined before: less and less."""

from __future__ import annotations

_LONGEST = 128  # syncs; with one every ten minutes, a day


class Patience:
    """What one serving process remembers; whoever calls `vasculum sync` has all patience there is."""

    def __init__(self) -> None:
        self._tries: dict[str, int] = {}
        self._wait: dict[str, int] = {}

    def examines(self, origin: str) -> bool:
        """Whether to examine a log's new entries at this sync; asked once a sync."""
        wait = self._wait.get(origin, 0)
        self._wait[origin] = max(0, wait - 1)
        return wait == 0

    def note(self, origin: str, *, unread: bool) -> None:
        """Take down how it went: the sync after the first failure tries again, later ones wait longer."""
        if unread:
            self._tries[origin] = self._tries.get(origin, 0) + 1
            self._wait[origin] = min(2 ** (self._tries[origin] - 1) - 1, _LONGEST)
        elif self._wait.get(origin, 0) == 0:
            self._tries.pop(origin, None)
