"""A crawl from beginning to end."""

from __future__ import annotations

import asyncio

from crawlers.errors import CrawlerError
from crawlers.fetch import AddressPolicy, Fetcher
from node.compose import Node
from node.errors import SourceRefused
from node.fetching import polite_limits
from node.track.finish import finish, settle_finishing
from node.track.gather import gather
from node.track.images import fetch_images
from node.track.model import WAITING, Listener, TrackOptions, TrackSummary
from node.track.once import Once
from node.track.place import Place, place_of
from node.track.plan import plan_images
from node.track.session import Session, open_session
from node.track.staged import Gathered


def track(
    node: Node, source: str, options: TrackOptions, listener: Listener, once: Once | None = None
) -> TrackSummary:
    """Track a source once.

    Args:
        node: The node that tracks.
        source: A URL or a path, as the operator typed it.
        options: What the operator chose.
        listener: Who is told.
        once: What to do so that a caller who is killed and calls again comes to one crawl.

    Raises:
        SourceRefused: the source cannot be had or holds nothing that can be tracked. That it was
            tried, and why it failed, stands in the log all the same.
        CrawlerError: likewise, as told by the reader of that kind of source.
    """
    place = place_of(source, node.config.identity.origin)
    with node.writing(lambda: listener.say(WAITING)) as journal:
        settle_finishing(node, journal)
        if once is not None and (known := once.ended(node)) is not None:
            return known
        session = open_session(node, journal, place.location, options, listener)
        if once is not None:
            once.begun(session.crawl)
        try:
            gathered = asyncio.run(_crawl(session, place))
        except (SourceRefused, CrawlerError) as error:
            if once is not None:
                once.refused(error)
            _end_refused(session, place)
            raise
        return finish(session, place, gathered)


async def _crawl(session: Session, place: Place) -> Gathered:
    limits = polite_limits(session.node.config.crawl, session.options.max_per_host)
    async with Fetcher(session.node.store, limits, _addresses(session, place)) as fetcher:
        gathered = await gather(session, fetcher, place)
        if session.options.images:
            for staged in gathered.staged:
                await asyncio.to_thread(plan_images, session, staged)
            await _fetch_planned(session, fetcher)
    return gathered


async def _fetch_planned(session: Session, fetcher: Fetcher) -> None:
    total = session.journal.planned_count(session.crawl)
    if not total:
        return
    with session.listener.phase("Fetching images", total) as bar:
        bar.advance(total - session.journal.unfetched_count(session.crawl))
        await fetch_images(session, fetcher, bar)


def _addresses(session: Session, place: Place) -> AddressPolicy:
    private = session.options.allow_private or session.node.config.crawl.allow_private
    named = place.allowed_hosts if session.options.private_source else frozenset[str]()
    return AddressPolicy(private, named)


def _end_refused(session: Session, place: Place) -> None:
    """What was captured before the refusal, such as the failed request itself, goes into the log too."""
    finish(session, place, Gathered(refused=[(place.source, "refused")]))
