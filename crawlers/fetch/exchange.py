"""One request and its answer: the client, the host's patience and the clock, for whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from crawlers.fetch import trouble
from crawlers.fetch.answer import declared_length
from crawlers.fetch.ending import Stop
from crawlers.fetch.hosts import Hosts
from crawlers.fetch.request import Limits

# An unread body costs the connection; up to this many bytes it is cheaper to read it than to connect again.
_WORTH_READING = 64 * 1024


class Exchanger:
    """Sends GET requests in each host's turn. Redirects are not followed and nothing is decoded."""

    def __init__(self, transport: httpx.AsyncBaseTransport, limits: Limits) -> None:
        self.hosts = Hosts(limits)
        self._limits = limits
        self._places = asyncio.Semaphore(limits.connections)
        self._client = httpx.AsyncClient(
            transport=transport,
            # No coding, and no preference: a server must send the file as it lies there, not a rendering for
            # us.
            headers={"User-Agent": limits.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(limits.read_timeout, connect=limits.connect_timeout, pool=None),
            # What a URL gives must not depend on what was fetched before it.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    @asynccontextmanager
    async def open(self, url: httpx.URL, fields: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Ask for a URL; inside the block the head of the answer is read, and its body can be.

        Raises:
            Stop: The host wants to be left alone, or is down.
            Exception: One of `trouble.TROUBLES`.
        """
        async with (
            self.hosts.slot(url.host),
            self._places,
            asyncio.timeout(self._limits.total_timeout),
        ):
            response = await self._send(url, fields)
            try:
                yield response
                await _drain(response)
            except Stop:
                await _drain(response)
                raise
            finally:
                await response.aclose()

    async def _send(self, url: httpx.URL, fields: Mapping[str, str]) -> httpx.Response:
        request = self._client.build_request("GET", url, headers=fields)
        try:
            response = await self._client.send(request, stream=True, follow_redirects=False)
        except trouble.TROUBLES as exc:
            # A connection that never comes about speaks of the host; an answer that does not come need not.
            silent = isinstance(exc, httpx.ConnectTimeout)
            if silent or trouble.explain(exc, str(url)).reason in trouble.HOST_TROUBLES:
                self.hosts.unreachable(url.host)
            raise
        self.hosts.connected(url.host)
        return response


async def _drain(response: httpx.Response) -> None:
    length = declared_length(response)
    bodiless = response.status_code in (204, 304)
    if response.is_stream_consumed or not (bodiless or (length is not None and length <= _WORTH_READING)):
        return
    try:
        async for _ in response.aiter_raw():
            pass
    except trouble.TROUBLES:
        return  # the answer is known already; only the connection is lost
