"""Fetch 2,000 images of 100 to 400 KB from one loopback host: our fetcher beside plain concurrent httpx.

Both ask the same server (a process of its own) for the same bytes over as many connections. Plain httpx
writes files and does nothing else; ours hashes, sniffs for images, asks robots.txt, and every blob is durable
when the clock stops. The server's bodies lie in memory; the page cache is warm. Run it by `python -m
bench.bench_fetch`; rounds alternate, the best of each counts.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from crawlers.fetch import AddressPolicy, Fetcher, FetchRequest, Limits, Outcome, fetch_all
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.interface import Sealed

SEED = 20_240_501
BATCH = 256


@dataclass(frozen=True, slots=True)
class Figure:
    """What one way of fetching reached: images a second, and megabytes a second."""

    images: float
    megabytes: float


def bodies(count: int) -> list[bytes]:
    """JPEG-like bodies of 100 to 400 KB; no two alike."""
    draw = random.Random(SEED)
    return [b"\xff\xd8\xff\xe0" + draw.randbytes(draw.randrange(100_000, 400_000)) for _ in range(count)]


async def _serve(images: list[bytes], ready: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                name = head.split(b" ", 2)[1][1:]
                body = images[int(name)] if name.isdigit() else b""
                status = b"200 OK" if body else b"404 Not Found"
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(body)))
                writer.write(body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    ready.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def _server_main(count: int, ready: Connection) -> None:
    asyncio.run(_serve(bodies(count), ready))


@contextmanager
def server(count: int) -> Iterator[str]:
    """A process that serves the images; its base URL."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_server_main, args=(count, theirs), daemon=True
    )
    process.start()
    theirs.close()  # so that a server that dies at its start ends the wait below
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


async def plain(base: str, count: int, connections: int, folder: Path) -> int:
    """Plain concurrent httpx, streaming to files; bytes received."""
    names = iter(range(count))
    received = 0
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal received
        for name in names:
            async with client.stream("GET", f"{base}/{name}") as response:
                with (folder / str(name)).open("wb") as file:
                    async for chunk in response.aiter_raw():
                        file.write(chunk)
                        received += len(chunk)

    async with httpx.AsyncClient(limits=limits, trust_env=False) as client:
        await asyncio.gather(*(work(client) for _ in range(connections)))
    return received


@asynccontextmanager
async def _fetcher(store: DirectoryBlobStore, connections: int) -> AsyncIterator[Fetcher]:
    limits = Limits(per_host=connections, connections=connections)
    async with Fetcher(store, limits, AddressPolicy(allow_private=True)) as fetcher:
        yield fetcher


async def ours(base: str, count: int, connections: int, folder: Path) -> int:
    """Our fetcher, blobs committed in batches while others are under way; bytes received."""
    store = DirectoryBlobStore(folder / "blobs")
    requests = (FetchRequest(f"{base}/{name}", "image", expect="image") for name in range(count))
    received = 0
    batch: list[Sealed] = []
    async with _fetcher(store, connections) as fetcher:
        async for capture in fetch_all(fetcher, requests):
            assert capture.outcome is Outcome.FETCHED, capture
            assert capture.sealed is not None
            received += capture.sealed.size
            batch.append(capture.sealed)
            if len(batch) == BATCH:
                full, batch = batch, []
                await asyncio.to_thread(store.commit, full)
    store.commit(batch)
    return received


WAYS = {"vasculum": ours, "httpx": plain}


def fetch(way: str, base: str, count: int, connections: int, folder: Path) -> Figure:
    """One round of one way into an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    received = asyncio.run(WAYS[way](base, count, connections, folder))
    seconds = time.perf_counter() - began
    return Figure(count / seconds, received / seconds / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help="one round of this one only, from --base into --output")
    parser.add_argument("--base", help="a server that runs already")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.way:
        print(fetch(options.way, options.base, options.count, options.connections, options.output))
    else:
        compare(options.count, options.connections, options.rounds)


def compare(count: int, connections: int, rounds: int) -> None:
    """Run both in turns and print the best round of each."""
    best: dict[str, Figure] = {}
    with server(count) as base, tempfile.TemporaryDirectory(prefix="bench-fetch-") as work:
        for number in range(rounds):
            for way in WAYS:
                # Folders stay until the end: on ext4 deleting much slows down whoever writes next.
                figure = fetch(way, base, count, connections, Path(work) / f"{way}-{number}")
                best[way] = max(best.get(way, figure), figure, key=lambda one: one.images)
    mine, peer = best["vasculum"], best["httpx"]
    print(f"vasculum  {mine.images:7.0f} images/s  {mine.megabytes:6.0f} MB/s  (hashed, sniffed, durable)")
    print(f"httpx     {peer.images:7.0f} images/s  {peer.megabytes:6.0f} MB/s  (written to files)")
    print(f"ratio     {mine.images / peer.images:7.2f}")


if __name__ == "__main__":
    main()
