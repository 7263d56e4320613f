"""What clients asked and how many bytes they got, so that a test can hold a harvester to its manners."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from node.museum.web.message import Request


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request that was answered, or is being answered.

    Attributes:
        request: What was asked, headers included.
        status: What was answered.
        sent: Bytes of body handed to the network so far.
        started: Seconds on the monotonic clock when the request was read.
        connection: Number of the connection, counted from 1; equal numbers tell of keep-alive.
    """

    request: Request
    status: int
    sent: int
    started: float
    connection: int


class RequestLog:
    """A log of requests, in the order in which their answers began. Safe to use from several threads.

    Whatever a client has received is in the log by then: a test may look as soon as its request returns.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[int, LoggedRequest] = {}
        self._numbers = 0
        self._connections = 0
        self._waiting = 0
        self._most_waiting = 0

    def __iter__(self) -> Iterator[LoggedRequest]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def entries(self) -> tuple[LoggedRequest, ...]:
        """All requests so far."""
        with self._lock:
            return tuple(self._entries.values())

    @property
    def most_at_once(self) -> int:
        """The largest number of requests that waited for their last bytes at the same time.

        Loopback answers at once; make addresses slow to see how many requests a client keeps open.
        """
        with self._lock:
            return self._most_waiting

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
            self._most_waiting = self._waiting

    def next_connection(self) -> int:
        """Number a new connection."""
        with self._lock:
            self._connections += 1
            return self._connections

    def arrive(self) -> None:
        """Note that a request came in and waits for its answer."""
        with self._lock:
            self._waiting += 1
            self._most_waiting = max(self._most_waiting, self._waiting)

    def leave(self) -> None:
        """Note that a request waits no longer; said before its last bytes go, lest the next one overtake."""
        with self._lock:
            self._waiting -= 1

    def begin(self, entry: LoggedRequest) -> int:
        """Note an answer before it goes out; the number is for `count`."""
        with self._lock:
            self._numbers += 1
            self._entries[self._numbers] = entry
            return self._numbers

    def count(self, number: int, size: int) -> None:
        """Add bytes to an answer, before they go out; take them back (negative) if they did not."""
        with self._lock:
            entry = self._entries.get(number)
            if entry is not None:
                self._entries[number] = replace(entry, sent=entry.sent + size)
