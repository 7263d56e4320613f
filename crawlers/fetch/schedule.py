"""Many fetches at once, out of a list that may be longer than memory, and fair between hosts."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from functools import partial
from urllib.parse import urlsplit

from crawlers.fetch.capture import Capture
from crawlers.fetch.fetcher import Fetcher
from crawlers.fetch.request import FetchRequest


async def fetch_all(
    fetcher: Fetcher, requests: Iterable[FetchRequest], *, concurrency: int | None = None, window: int = 2_000
) -> AsyncGenerator[Capture, None]:
    """Fetch every request, yielding captures as they come, in no order.

    At most `window` requests are read ahead, so the iterable may be endless. Within the window hosts take
    turns, and no host has more requests under way than it has places; one slow host thus holds up the others
    only when it alone fills the window. A consumer that pauses holds up everything, which bounds what is
    staged and not yet committed.

    Use it in `contextlib.aclosing` where you may leave early, so that what is staged is discarded at once.

    Args:
        fetcher: Shared with others if you like; its limits hold for all.
        requests: Read lazily, on the event loop.
        concurrency: Fetches under way at a time; four times the fetcher's connections if None, since those
            that wait for a host's turn use none.
        window: Requests read and not yet begun, at most.

    Raises:
        HashstoreError: The store could not take the bytes of one; the others are given up, and what they
            staged is discarded.
    """
    crew = _Crew(fetcher, iter(requests), concurrency or 4 * fetcher.limits.connections, window)
    try:
        while (capture := await crew.next()) is not None:
            yield capture
    finally:
        await crew.dismiss()


class _Crew:
    """The fetches under way, and the queues of those that wait, one for each host."""

    def __init__(
        self, fetcher: Fetcher, requests: Iterator[FetchRequest], concurrency: int, window: int
    ) -> None:
        self._fetcher = fetcher
        self._requests = requests
        self._concurrency = concurrency
        self._window = window
        self._waiting: dict[str, deque[FetchRequest]] = {}
        self._read_ahead = 0
        self._turn: deque[str] = deque()  # hosts that have a request waiting and a place free
        self._busy: dict[str, int] = {}
        self._running: set[asyncio.Task[Capture]] = set()
        self._done: asyncio.Queue[asyncio.Task[Capture]] = asyncio.Queue()

    async def next(self) -> Capture | None:
        """The next capture, or None when all are through."""
        self._read()
        self._start()
        if not self._running and self._done.empty():
            return None
        return (await self._done.get()).result()

    async def dismiss(self) -> None:
        """Give up what is under way, and discard what nobody took."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        while not self._done.empty():
            task = self._done.get_nowait()
            if not task.cancelled() and task.exception() is None:
                self._fetcher.discard(task.result())

    def _read(self) -> None:
        while self._read_ahead < self._window:
            request = next(self._requests, None)
            if request is None:
                return
            host = _host(request.url)
            queue = self._waiting.setdefault(host, deque())
            queue.append(request)
            self._read_ahead += 1
            if len(queue) == 1 and self._has_place(host):
                self._turn.append(host)

    def _start(self) -> None:
        while self._turn and len(self._running) + self._done.qsize() < self._concurrency:
            host = self._turn.popleft()
            queue = self._waiting[host]
            task = asyncio.create_task(self._fetcher.fetch(queue.popleft()))
            self._read_ahead -= 1
            self._busy[host] = self._busy.get(host, 0) + 1
            self._running.add(task)
            task.add_done_callback(partial(self._ended, host))
            if not queue:
                del self._waiting[host]
            elif self._has_place(host):
                self._turn.append(host)

    def _ended(self, host: str, task: asyncio.Task[Capture]) -> None:
        had_place = self._has_place(host)
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]
        self._running.discard(task)
        self._done.put_nowait(task)
        if not had_place and host in self._waiting:
            self._turn.append(host)

    def _has_place(self, host: str) -> bool:
        return self._busy.get(host, 0) < self._fetcher.limits.per_host


def _host(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""  # the fetcher says what is wrong with it
