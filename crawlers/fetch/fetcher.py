"""The polite fetcher: one request in, one capture out, bytes staged in the store on the way.

It raises for no reason that lies in the network: every trouble is a capture with a reason (spec/captures.md).
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from types import TracebackType
from typing import Self

import httpx

from crawlers.fetch import answer, trouble
from crawlers.fetch.address import AddressPolicy
from crawlers.fetch.body import Body
from crawlers.fetch.capture import Capture, Outcome, Reason
from crawlers.fetch.ending import Ending, Stop
from crawlers.fetch.exchange import Exchanger
from crawlers.fetch.request import FetchRequest, Limits
from crawlers.fetch.retry import backoff
from crawlers.fetch.robots import Robots
from crawlers.fetch.rules_loader import RulesLoader
from crawlers.fetch.run import Run
from crawlers.fetch.transport import JudgedTransport
from crawlers.fetch.url import checked_url
from hashstore.blobstore.interface import BlobStore


class Fetcher:
    """Fetches URLs over HTTP/1.1 with kept-alive connections. Use it as an async context manager."""

    def __init__(
        self,
        store: BlobStore,
        limits: Limits | None = None,
        addresses: AddressPolicy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Make a fetcher; it opens no connection yet.

        Args:
            store: Where bytes are staged. The fetcher never commits.
            limits: How politely, how long, how much.
            addresses: Which addresses may be connected to. A transport of the caller's own does not ask it.
            transport: In place of the network, such as a `ReplayTransport`.
        """
        self._store = store
        self._limits = limits or Limits()
        judged = transport or JudgedTransport(addresses or AddressPolicy(), self._limits.connections)
        self._exchanger = Exchanger(judged, self._limits)
        self._robots = Robots(RulesLoader(self._exchanger, self._limits).load)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._exchanger.aclose()

    @property
    def limits(self) -> Limits:
        """The limits that this fetcher keeps."""
        return self._limits

    def discard(self, capture: Capture) -> None:
        """Forget the staged bytes of a capture that will not be committed."""
        if capture.sealed is not None:
            self._store.discard([capture.sealed])

    async def fetch(self, request: FetchRequest) -> Capture:
        """Fetch one URL, trying again where that may help.

        Returns:
            The last attempt, with those before it under `earlier`. With `sealed` set the bytes are staged and
            the caller's to commit or to discard.

        Raises:
            HashstoreError: The store could not take the bytes.
        """
        earlier: tuple[Capture, ...] = ()
        with Body(self._store, request, self._limits) as body:
            for attempt in range(1, self._limits.attempts + 1):
                run = Run(request, attempt)
                try:
                    ending = await self._attempt(run, body)
                    return replace(run.finish(ending), earlier=earlier)
                except Stop as stop:
                    capture = run.fail(stop)
                    if attempt == self._limits.attempts or not stop.again:
                        return replace(capture, earlier=earlier)
                    earlier += (capture,)
                    await self._wait(run, stop)
        raise AssertionError("limits.attempts is at least 1")

    async def _wait(self, run: Run, stop: Stop) -> None:
        if stop.wait is not None and run.asked is not None:
            self._exchanger.hosts.pause(
                run.asked.host, stop.wait
            )  # the next attempt waits for its turn, as all others do
            return
        limits = self._limits
        await asyncio.sleep(backoff(run.attempt, limits.backoff, limits.longest_backoff, random.random()))

    async def _attempt(self, run: Run, body: Body) -> Ending:
        try:
            return await self._follow(run, body)
        except trouble.TROUBLES as exc:
            raise trouble.explain(exc, str(run.asked or run.request.url)) from exc

    async def _follow(self, run: Run, body: Body) -> Ending:
        url = checked_url(run.request.url)
        while True:
            await self._ask_robots(url)
            run.asked, run.status = url, None
            fields = {**_conditional_fields(run.request), **body.range_fields(url)}
            async with self._exchanger.open(url, fields) as response:
                run.status = response.status_code
                target = answer.redirect_target(response, url)
                if target is None:
                    return await self._take(run, body, response, fields)
            run.hop(url, target, self._limits.max_redirects)
            url = target

    async def _take(self, run: Run, body: Body, response: httpx.Response, fields: dict[str, str]) -> Ending:
        request, resuming = run.request, "Range" in fields
        if response.status_code == 416 and resuming:
            body.restart()
            raise Stop(Reason.BAD_ANSWER, f"{response.url} has no more bytes where more were due", again=True)
        run.read_fields(response)
        conditional = "If-None-Match" in fields or "If-Modified-Since" in fields
        answer.refuse_failure(
            response, response.url, known=request.known is not None, conditional=conditional
        )
        if response.status_code == 304:
            return Ending(Outcome.UNCHANGED, request.known)
        self._respect_reservation(run, response)
        return await body.receive(response, resuming=resuming)

    def _respect_reservation(self, run: Run, response: httpx.Response) -> None:
        stated = run.reservation
        if stated is not None and stated.reserved and run.request.role == "image" and self._limits.honour_tdm:
            what = f"{response.url} is reserved from text and data mining ({stated})"
            raise Stop(
                Reason.TDM_RESERVED,
                f"{what}; ask its publisher for leave, and then set honour_tdm = false in node.toml",
            )

    async def _ask_robots(self, url: httpx.URL) -> None:
        if not self._limits.obey_robots:
            return
        rules = await self._robots.rules(url)
        delay = rules.delay(self._limits.user_agent)
        if delay is not None:
            self._exchanger.hosts.space_out(url.host, delay)
        rules.check(url, self._limits.user_agent)


def _conditional_fields(request: FetchRequest) -> dict[str, str]:
    """Validators make sense only while the bytes that they stand for are kept."""
    if request.known is None:
        return {}
    fields = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in fields.items() if value is not None and answer.can_be_sent(value)}
