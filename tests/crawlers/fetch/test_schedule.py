import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from crawlers.fetch import Capture, Fetcher, FetchRequest, Limits, Outcome, fetch_all
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.errors import StoreFull


class Museums(httpx.AsyncBaseTransport):
    """Answers every URL with its path after a while, and counts who is asked at the same time."""

    def __init__(self) -> None:
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.order: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        self.order.append(host)
        self.now[host] += 1
        self.most[host] = max(self.most[host], self.now[host])
        self.most["all"] = max(self.most["all"], sum(self.now.values()))
        await asyncio.sleep(0.002)
        self.now[host] -= 1
        return httpx.Response(200, content=request.url.raw_path)


def requests(*hosts: str, each: int) -> Iterator[FetchRequest]:
    for host in hosts:
        for number in range(each):
            yield FetchRequest(f"http://{host}/{number}", "image")


async def collect(captures: AsyncIterator[Capture]) -> list[Capture]:
    return [capture async for capture in captures]


def run(museums: Museums, asked: Iterator[FetchRequest], limits: Limits, window: int) -> list[Capture]:
    async def go() -> list[Capture]:
        async with Fetcher(MemoryBlobStore(), limits, transport=museums) as fetcher:
            return await collect(fetch_all(fetcher, asked, window=window))

    return asyncio.run(go())


def test_every_request_ends_as_one_capture() -> None:
    asked = list(requests("a.example", "b.example", "c.example", each=40))
    captures = run(Museums(), iter([*asked, FetchRequest("nonsense", "image")]), Limits(), window=25)
    assert Counter(one.url for one in captures) == Counter([one.url for one in asked] + ["nonsense"])
    assert sum(one.outcome is Outcome.FETCHED for one in captures) == 120


def test_no_host_and_not_all_together_see_more_requests_than_their_limit() -> None:
    museums = Museums()
    limits = Limits(per_host=3, connections=7, obey_robots=False)
    run(museums, requests("a.example", "b.example", "c.example", each=30), limits, window=1_000)
    assert max(museums.most[host] for host in ("a.example", "b.example", "c.example")) == 3
    assert museums.most["all"] == 7


def test_hosts_take_turns_however_the_list_is_sorted() -> None:
    museums = Museums()
    limits = Limits(per_host=2, connections=6, obey_robots=False)
    run(museums, requests("a.example", "b.example", "c.example", each=50), limits, window=1_000)
    first = Counter(museums.order[:60])
    assert min(first.values()) >= 15


def test_the_list_is_read_no_further_ahead_than_the_window() -> None:
    read = 0

    def endless() -> Iterator[FetchRequest]:
        nonlocal read
        while True:
            read += 1
            yield FetchRequest(f"http://a.example/{read}", "image")

    async def go() -> None:
        async with Fetcher(MemoryBlobStore(), Limits(), transport=Museums()) as fetcher:
            taken = 0
            async with aclosing(fetch_all(fetcher, endless(), window=20, concurrency=8)) as captures:
                async for _ in captures:
                    taken += 1
                    assert read <= taken + 20 + 8
                    if taken == 100:
                        return

    asyncio.run(go())


def test_what_nobody_took_is_discarded(tmp_path: Path) -> None:
    store = DirectoryBlobStore(tmp_path)

    async def go() -> None:
        async with (
            Fetcher(store, Limits(per_host=8), transport=Museums()) as fetcher,
            aclosing(fetch_all(fetcher, requests("a.example", each=50))) as captures,
        ):
            async for capture in captures:
                fetcher.discard(capture)
                await asyncio.sleep(0.01)
                break

    asyncio.run(go())
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.is_file() and path.stat().st_size]


def test_a_full_disk_is_told_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryBlobStore()

    def full() -> None:
        raise StoreFull("no space is left")

    monkeypatch.setattr(store, "stage", full)

    async def go() -> None:
        async with Fetcher(store, Limits(), transport=Museums()) as fetcher:
            await collect(fetch_all(fetcher, requests("a.example", each=5)))

    with pytest.raises(StoreFull):
        asyncio.run(go())
