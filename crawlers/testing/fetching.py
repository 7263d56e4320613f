"""Fetching from synchronous tests."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx

from crawlers.fetch import AddressPolicy, Capture, Fetcher, FetchRequest, Limits
from hashstore.blobstore.interface import BlobStore
from hashstore.blobstore.memory import MemoryBlobStore

LOOPBACK = AddressPolicy(allow_private=True)
# Retries that would take a second each in earnest take none here.
HASTY = Limits(backoff=0.001, longest_backoff=0.002, connect_timeout=2.0, read_timeout=2.0)


def fetch_now(
    *requests: FetchRequest | str,
    store: BlobStore | None = None,
    addresses: AddressPolicy = LOOPBACK,
    transport: httpx.AsyncBaseTransport | None = None,
    **limits: object,
) -> list[Capture]:
    """Fetch one after the other with one fetcher.

    Args:
        requests: A text stands for a request of that URL with role `file`.
        store: A new one in memory if None.
        addresses: Loopback is allowed unless you say otherwise.
        transport: In place of the network.
        limits: Fields of `Limits`, over those of `HASTY`.
    """

    async def run() -> list[Capture]:
        kept = replace(HASTY, **limits)  # type: ignore[arg-type]
        async with Fetcher(store or MemoryBlobStore(), kept, addresses, transport) as fetcher:
            return [await fetcher.fetch(_request(one)) for one in requests]

    return asyncio.run(run())


def _request(one: FetchRequest | str) -> FetchRequest:
    return FetchRequest(one, "file") if isinstance(one, str) else one
