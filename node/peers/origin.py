"""Bytes from where they were first published, when no node has them; only if they still are the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import aclosing

from crawlers.fetch import AddressPolicy, Capture, Fetcher, FetchRequest, fetch_all
from hashstore.blobstore import BlobStore
from hashstore.digest import Digest
from node.config.model import CrawlConfig
from node.fetching import polite_limits
from node.peers.bring import Outcome
from node.peers.expand import Wanted


def bring_from_origin(
    store: BlobStore, crawl: CrawlConfig, wanted: Iterable[Wanted]
) -> Iterator[tuple[Digest, Outcome]]:
    """Fetch from source addresses, as politely as a crawl, and never from private networks unless allowed.

    Args:
        store: Where bytes go.
        crawl: What the operator decided about fetching.
        wanted: What is wanted; without an http(s) address it is nowhere.
    """
    by_url: dict[str, Digest] = {}
    for want in wanted:
        if want.url is None or not want.url.startswith(("http://", "https://")) or want.url in by_url:
            yield want.digest, Outcome.NOWHERE
        else:
            by_url[want.url] = want.digest
    for capture in asyncio.run(_fetched(store, crawl, by_url)) if by_url else ():
        digest = by_url[capture.url]
        if capture.sealed is None:
            yield digest, Outcome.NOWHERE
        elif capture.digest != digest:
            store.discard([capture.sealed])
            yield digest, Outcome.NOWHERE
        else:
            store.commit([capture.sealed])
            yield digest, Outcome.FETCHED


async def _fetched(store: BlobStore, crawl: CrawlConfig, by_url: dict[str, Digest]) -> list[Capture]:
    requests = (FetchRequest(url, role="file", max_bytes=crawl.max_archive_bytes) for url in by_url)
    addresses = AddressPolicy(crawl.allow_private)
    async with (
        Fetcher(store, polite_limits(crawl), addresses) as fetcher,
        aclosing(fetch_all(fetcher, requests)) as captures,
    ):
        return [capture async for capture in captures]
