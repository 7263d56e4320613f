"""Where a server asks: one open generation for many threads, few questions at a time, each bounded."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from node.errors import SearchBusy, SearchNotReady
from node.search.database import Query, SearchDatabase
from node.search.generation import current
from node.search.run import Asked, Found, search

if TYPE_CHECKING:
    from node.compose import Node

SECONDS: Final = 10.0  # for one question
# Each question uses all processors; more of them at a time would only wait for each other.
_ASKING: Final = threading.Semaphore(2)
_PATIENCE: Final = (
    3.0  # seconds for which one waits for those before it: who waits keeps a thread from others
)


class SearchDesk:
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

    def search(self, asked: Asked) -> Found:
        """Answer a search.

        Raises:
            SearchRefused: what is asked for is not there, or too much.
            SearchNotReady: what is searched is being made.
            SearchBusy: many are asking.
            IndexUnusable: DuckDB refuses.
        """
        with self._turn() as database:
            return search(database, asked, seconds=SECONDS)

    @contextmanager
    def query(self) -> Iterator[Query]:
        """Ask something else of the same records; raises what `search` does."""
        with self._turn() as database, database.query(SECONDS) as query:
            yield query

    @contextmanager
    def _turn(self) -> Iterator[SearchDatabase]:
        database = self._database()
        if database is None:
            raise SearchNotReady("What is searched is being made; ask again in a moment.")
        if not _ASKING.acquire(timeout=_PATIENCE):
            raise SearchBusy("Many are asking at the moment; ask again.")
        try:
            yield database
        finally:
            _ASKING.release()

    def _database(self) -> SearchDatabase | None:
        """The current generation; one that was replaced goes with the last question to it."""
        found = current(self._live())
        with self._lock:
            if found is None:
                self._open = None
            elif self._open is None or (self._open.path, self._open.hidden) != (found.path, found.hidden):
                self._open = SearchDatabase(found.path, hidden=found.hidden)
            return self._open
