"""Fetch one document of a source, or take it from this crawl's earlier, killed run."""

from __future__ import annotations

import asyncio
from datetime import datetime

from crawlers.fetch import Capture, Fetcher, FetchRequest, Outcome
from crawlers.fetch.request import Role
from hashstore.digest import Digest
from node.track.earlier import last_capture
from node.track.session import Captured, Session


async def brought(session: Session, fetcher: Fetcher, url: str, source: str, role: Role) -> Capture:
    """The capture of an address, durable in the journal.

    A capture that this crawl already has is not made again, so that a resumed crawl sees the same bytes.
    """
    if had := _resumed(session, url, role):
        return had
    capture = await fetcher.fetch(request_for(session, url, role))
    await asyncio.to_thread(session.record, [Captured(capture, source)])
    return capture


def request_for(session: Session, url: str, role: Role) -> FetchRequest:
    """A request that sends back what the last crawl learnt, so that unchanged bytes stay where they are."""
    last = last_capture(session.node, url)
    return FetchRequest(
        url,
        role=role,
        etag=last.etag if last else None,
        last_modified=last.last_modified if last else None,
        known=last.known if last else None,
        max_bytes=session.node.config.crawl.max_archive_bytes,
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
