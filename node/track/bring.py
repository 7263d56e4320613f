"""Fetch one document of a source, or take it from this crawl's earlier, killed run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from crawlers.fetch import Capture, Fetcher, FetchRequest, Outcome
from crawlers.fetch.request import Role
from hashstore.digest import Digest
from node.track.earlier import Earlier, last_captures_of
from node.track.session import Captured, Session


async def brought(session: Session, fetcher: Fetcher, url: str, source: str, role: Role) -> Capture:
    """The capture of an address, durable in the journal.

    A capture that this crawl already has is not made again, so that a resumed crawl sees the same bytes.
    """
    if had := _resumed(session, url, role):
        return had
    [request] = requests_for(session, [url], role)
    capture = await fetcher.fetch(request)
    await asyncio.to_thread(session.record, [Captured(capture, source)])
    return capture


def requests_for(session: Session, urls: Sequence[str], role: Role) -> list[FetchRequest]:
    """Requests that send back what the last crawl learnt, so that unchanged bytes stay where they are."""
    last = last_captures_of(session.node, urls)
    most = session.node.config.crawl.max_archive_bytes
    return [_request(url, role, last.get(url), most) for url in urls]


def _request(url: str, role: Role, last: Earlier | None, most: int) -> FetchRequest:
    if last is None:
        return FetchRequest(url, role=role, max_bytes=most)
    return FetchRequest(
        url, role=role, etag=last.etag, last_modified=last.last_modified, known=last.known, max_bytes=most
    )


def _resumed(session: Session, url: str, role: Role) -> Capture | None:
    row = session.journal.captured(session.crawl, url)
    if row is None or row["outcome"] not in (Outcome.FETCHED, Outcome.UNCHANGED):
        return None
    return Capture(
        url=url,
        role=role,
        requested_at=datetime.fromisoformat(row["requestedAt"]),
        attempt=row["attempt"],
        outcome=Outcome(row["outcome"]),
        digest=Digest(row["digest"]),
        size=row["size"],
        media_type=row["mediaType"],
    )
