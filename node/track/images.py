"""Fetch the planned images; bytes are durable before the journal, the journal before the listener."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass, field

from crawlers.fetch import Capture, Fetcher, FetchRequest, fetch_all
from node.journal import Planned
from node.track.model import Bar
from node.track.session import Captured, Session

_BATCH_COUNT = 256
_BATCH_BYTES = 64 << 20
_BATCH_SECONDS = 1.0


async def fetch_images(session: Session, fetcher: Fetcher, bar: Bar) -> None:
    """Fetch every planned image that this crawl has no capture of yet."""
    in_flight: dict[str, Planned] = {}
    requests = _requests(session, in_flight)
    batch = _Batch()
    async with aclosing(fetch_all(fetcher, requests)) as captures:
        async for capture in captures:
            batch.add(capture, in_flight.pop(capture.url))
            bar.advance()
            if batch.is_due():
                await asyncio.to_thread(session.record, batch.take())
    if batch.captures:
        await asyncio.to_thread(session.record, batch.take())


def _requests(session: Session, in_flight: dict[str, Planned]) -> Iterator[FetchRequest]:
    for planned in session.journal.planned(session.crawl):
        in_flight[planned.url] = planned
        yield FetchRequest(
            planned.url,
            role="image",
            etag=planned.etag,
            last_modified=planned.last_modified,
            known=planned.known,
            expect="image",
            max_bytes=session.node.config.crawl.max_image_bytes,
        )


@dataclass(slots=True)
class _Batch:
    """Captures on their way to one durable commit."""

    captures: list[Captured] = field(default_factory=list)
    bytes: int = 0
    since: float = field(default_factory=time.monotonic)

    def add(self, capture: Capture, planned: Planned) -> None:
        self.captures.append(Captured(capture, planned.source, planned.withheld))
        self.bytes += capture.sealed.size if capture.sealed else 0

    def is_due(self) -> bool:
        old = time.monotonic() - self.since >= _BATCH_SECONDS
        return len(self.captures) >= _BATCH_COUNT or self.bytes >= _BATCH_BYTES or old

    def take(self) -> list[Captured]:
        taken, self.captures = self.captures, []
        self.bytes, self.since = 0, time.monotonic()
        return taken
