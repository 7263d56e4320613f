"""robots.txt by RFC 9309: what an answer to it means, and how long that holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
from protego import Protego

from crawlers.fetch.capture import Reason
from crawlers.fetch.ending import Stop

MAX_BYTES = 512 * 1024  # RFC 9309 section 2.5: at least 500 KiB are to be parsed
MAX_REDIRECTS = 5  # section 2.3.1.2
LIFETIME = 24 * 3600.0  # section 2.4, seconds
RETRY_UNREACHABLE = 60.0  # seconds until an unreachable robots.txt is asked for again


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin allows.

    Attributes:
        parsed: The rules; None where there are none and everything is allowed.
        unreachable: Why they could not be had, so that nothing is allowed; None normally.
        reason: The code of that: the host's own trouble, if it is not only this file that cannot be had.
        passing: Whether asking for them again soon may help; only where unreachable.
        lifetime: Seconds for which this holds.
    """

    parsed: Protego | None = None
    unreachable: str | None = None
    reason: Reason = Reason.ROBOTS_UNREACHABLE
    passing: bool = False
    lifetime: float = LIFETIME

    def delay(self, agent: str) -> float | None:
        """Crawl-delay in seconds, if the file asks us for one."""
        return None if self.parsed is None else self.parsed.crawl_delay(agent)

    def check(self, url: httpx.URL, agent: str) -> None:
        """Let pass what may be fetched.

        Raises:
            Stop: The rules forbid it, or they could not be had (section 2.3.1.4).
        """
        if self.unreachable is not None:
            message = (
                f"robots.txt could not be had, so nothing is fetched from {url.host}: {self.unreachable}"
            )
            raise Stop(self.reason, message)
        if self.parsed is not None and not self.parsed.can_fetch(str(url), agent):
            raise Stop(Reason.ROBOTS_DISALLOWED, f"robots.txt of {url.host} does not allow us to fetch {url}")


def rules_from(status: int, body: bytes) -> Rules:
    """What an answer to a request for /robots.txt means (RFC 9309 section 2.3.1).

    2xx is parsed; 4xx means that there are no rules; 429 and 5xx, that the rules are out of reach. Other
    statuses are redirects that led nowhere, which counts as no rules.
    """
    if 200 <= status < 300:
        text = body[:MAX_BYTES].decode("utf-8-sig", errors="replace")
        return Rules(Protego.parse(text))
    if status == 429 or status >= 500:
        return Rules(unreachable=f"it answered {status}", passing=True, lifetime=RETRY_UNREACHABLE)
    return Rules()


class Robots:
    """The rules of every origin met so far, each asked for once however many URLs wait for them."""

    def __init__(self, load: Callable[[httpx.URL], Awaitable[Rules]]) -> None:
        self._load = load
        self._known: dict[str, tuple[asyncio.Future[Rules], float]] = {}

    async def rules(self, url: httpx.URL) -> Rules:
        """The rules for the URL's origin (scheme, host and port)."""
        origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        held = self._known.get(origin)
        if held is not None and (not held[0].done() or time.monotonic() < held[1]):
            return await asyncio.shield(held[0])
        return await self._ask(origin, url)

    async def _ask(self, origin: str, url: httpx.URL) -> Rules:
        future: asyncio.Future[Rules] = asyncio.get_running_loop().create_future()
        self._known[origin] = (future, 0.0)
        try:
            rules = await self._load(url.join("/robots.txt"))
        except BaseException as exc:
            # Whoever waits must not hang on a load that was cancelled; the next one asks again.
            del self._known[origin]
            future.set_result(
                Rules(unreachable=f"the request was given up ({type(exc).__name__})", lifetime=0)
            )
            raise
        future.set_result(rules)
        self._known[origin] = (future, time.monotonic() + rules.lifetime)
        return rules
