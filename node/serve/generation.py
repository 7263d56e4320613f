"""What is searched, as one worker has it open."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable

from node.compose import Node
from node.search.database import SearchDatabase
from node.search.generation import current


class OpenGeneration:
    """One worker's open generation; safe for several threads."""

    def __init__(self, live: Callable[[], Node]) -> None:
        """Opens nothing yet.

        Args:
            live: The node as it is at that moment.
        """
        self._live = live
        self._lock = threading.Lock()
        self._open: SearchDatabase | None = None
        atexit.register(self.close)

    def close(self) -> None:
        """Let the generation go: DuckDB complains of what is open when the process ends."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def database(self) -> SearchDatabase | None:
        """The current generation; one that was replaced goes with the last question to it.

        Returns:
            None as long as none was made.
        """
        found = current(self._live())
        with self._lock:
            if found is None:
                self._open = None
            elif self._open is None or (self._open.path, self._open.hidden) != (found.path, found.hidden):
                self._open = SearchDatabase(found.path, hidden=found.hidden)
            return self._open
