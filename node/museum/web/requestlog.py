"""What clients asked and how many bytes they got, so that a test can hold a harvester to its manners."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from node.museum.web.message import Request


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered.

    Attributes:
        request: What was asked, headers included.
        status: What was answered.
        sent: Bytes of body that went out.
        started: Seconds on the monotonic clock when the request was read.
        connection: Number of the connection, counted from 1; equal numbers tell of keep-alive.
    """

    request: Request
    status: int
    sent: int
    started: float
    connection: int


class RequestLog:
    """A log of requests in the order in which their answers ended. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[LoggedRequest] = []
        self._connections = 0
        self._busy = 0
        self._most_busy = 0

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def entries(self) -> tuple[LoggedRequest, ...]:
        """All requests answered so far."""
        with self._lock:
            return tuple(self._entries)

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that were being answered at the same time."""
        with self._lock:
            return self._most_busy

    def of(self, path: str) -> tuple[LoggedRequest, ...]:
        """List the requests for a path (query included)."""
        return tuple(entry for entry in self.entries if entry.request.path == path)

    def bytes_sent(self, path: str | None = None) -> int:
        """Add up the bytes of body sent for a path, or in all."""
        return sum(entry.sent for entry in self.entries if path in (None, entry.request.path))

    def bytes_by_path(self) -> dict[str, int]:
        """Give the bytes of body sent for each path that was asked for."""
        totals: Counter[str] = Counter()
        for entry in self.entries:
            totals[entry.request.path] += entry.sent
        return dict(totals)

    def clear(self) -> None:
        """Forget everything so far, say between two crawls."""
        with self._lock:
            self._entries.clear()
            self._most_busy = self._busy

    def add(self, entry: LoggedRequest) -> None:
        """Note an answered request."""
        with self._lock:
            self._entries.append(entry)

    def next_connection(self) -> int:
        """Number a new connection."""
        with self._lock:
            self._connections += 1
            return self._connections

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Count a request as being answered while the block runs."""
        with self._lock:
            self._busy += 1
            self._most_busy = max(self._most_busy, self._busy)
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
