"""How we treat each host: so many requests at a time, pauses it asked for, and none while it is down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crawlers.fetch.capture import Reason
from crawlers.fetch.ending import Stop
from crawlers.fetch.request import Limits


class _Host:
    """The state of one host; times are of the monotonic clock, in seconds."""

    def __init__(self, slots: int) -> None:
        self.slots = asyncio.Semaphore(slots)
        self.resume_at = 0.0
        self.next_start = 0.0
        self.crawl_delay = 0.0
        self.failures = 0
        self.why = Reason.RATE_LIMITED


class Hosts:
    """All hosts, by name without port: two services of one machine share its patience."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def slot(self, name: str) -> AsyncIterator[None]:
        """Hold one of the host's places while a request is under way.

        Raises:
            Stop: The host asked to be left alone for longer than we wait, or is down.
        """
        host = self._host(name)
        async with host.slots:
            await self._turn(host, name)
            yield

    def pause(self, name: str, seconds: float) -> None:
        """Send the host nothing for so long: it asked for it with Retry-After."""
        self._pause(self._host(name), seconds, Reason.RATE_LIMITED)

    def space_out(self, name: str, seconds: float) -> None:
        """Leave so much time between the starts of two requests (Crawl-delay)."""
        self._host(name).crawl_delay = min(seconds, self._limits.longest_crawl_delay)

    def connected(self, name: str) -> None:
        """The host answered something; whatever it was, it is up."""
        self._host(name).failures = 0

    def unreachable(self, name: str) -> None:
        """A connection to the host failed; after several in a row it is left alone for a while."""
        host = self._host(name)
        host.failures += 1
        if host.failures >= self._limits.down_after:
            self._pause(host, self._limits.down_for, Reason.HOST_DOWN)
            # One request finds out whether the host is back; if it is not, the pause begins anew.
            host.failures = self._limits.down_after - 1

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            self._hosts[name] = _Host(self._limits.per_host)
        return self._hosts[name]

    def _pause(self, host: _Host, seconds: float, why: Reason) -> None:
        until = time.monotonic() + seconds
        if until > host.resume_at:
            host.resume_at, host.why = until, why

    async def _turn(self, host: _Host, name: str) -> None:
        while (wait := max(host.resume_at, host.next_start) - time.monotonic()) > 0:
            pause = host.resume_at - time.monotonic()
            if pause > self._limits.longest_pause or (pause > 0 and host.why is Reason.HOST_DOWN):
                raise Stop(host.why, _left_alone(name, host.why, pause))
            await asyncio.sleep(wait)
        if host.crawl_delay:
            host.next_start = time.monotonic() + host.crawl_delay


def _left_alone(name: str, why: Reason, seconds: float) -> str:
    if why is Reason.HOST_DOWN:
        return f"{name} could not be reached several times in a row; not asked again for {seconds:.0f} s"
    return f"{name} asked to be left alone for another {seconds:.0f} s; track again after that"
