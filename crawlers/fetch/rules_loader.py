"""Fetching robots.txt itself: by the same manners as everything else, but with redirects of its own."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import httpx

from crawlers.fetch import robots, trouble
from crawlers.fetch.answer import redirect_target
from crawlers.fetch.capture import Reason
from crawlers.fetch.ending import Stop
from crawlers.fetch.exchange import Exchanger
from crawlers.fetch.request import Limits
from crawlers.fetch.retry import backoff, retry_after


class RulesLoader:
    """Asks for an origin's robots.txt, several times if it is out of reach: much hangs on one small file."""

    def __init__(self, exchanger: Exchanger, limits: Limits) -> None:
        self._exchanger = exchanger
        self._limits = limits

    async def load(self, url: httpx.URL) -> robots.Rules:
        """The rules at this URL. Never raises for reasons of the network: unreachable rules are rules too."""
        limits = self._limits
        for attempt in range(1, limits.attempts):
            rules = await self._load_once(url)
            if rules.unreachable is None or not rules.passing:
                return rules
            await asyncio.sleep(backoff(attempt, limits.backoff, limits.longest_backoff, random.random()))
        return await self._load_once(url)

    async def _load_once(self, url: httpx.URL) -> robots.Rules:
        try:
            for _ in range(robots.MAX_REDIRECTS + 1):
                async with self._exchanger.open(url, {}) as response:
                    target = redirect_target(response, url)
                    if target is None:
                        self._heed(response, url)
                        return robots.rules_from(response.status_code, await _start_of(response))
                url = target
        except trouble.TROUBLES as exc:
            return _unreachable(trouble.explain(exc, str(url)))
        except Stop as stop:
            return _unreachable(stop)
        return robots.Rules()  # RFC 9309 section 2.3.1.2: after five redirects it may count as unavailable

    def _heed(self, response: httpx.Response, url: httpx.URL) -> None:
        wait = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
        if wait is not None and response.status_code in (429, 503):
            self._exchanger.hosts.pause(url.host, wait)


def _unreachable(stop: Stop) -> robots.Rules:
    if stop.reason is Reason.BAD_REDIRECT:
        return robots.Rules()
    return robots.Rules(
        unreachable=stop.message, reason=stop.reason, passing=stop.again, lifetime=robots.RETRY_UNREACHABLE
    )


async def _start_of(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) >= robots.MAX_BYTES:
            break
    return body
