"""Fetching images from one loopback host, limits raised, beside plain concurrent httpx that writes files."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.bench_fetch import bodies, server
from bench.harness import Bench, Command, Contender, Line

_TARGET = 0.8  # or 300 images a second, whichever is lower
_CONNECTIONS = 16


def run(bench: Bench) -> Iterator[Line]:
    """2,000 images of 100 to 400 KB; ours are durable when the command returns, the peer's are written."""
    count = 200 if bench.quick else 2_000
    size = sum(map(len, bodies(count)))
    empty = bench.work / "no-input"
    empty.mkdir(exist_ok=True)
    with server(count) as base:
        mine, peer = bench.race([_way("vasculum", base, count), _way("httpx", base, count)], empty)
    note = "ours hashes, sniffs and is durable; the peer only writes"
    yield Line(f"fetch, {count:,} images", mine, peer, count, size, _TARGET, note)
    bench.clean()


def _way(way: str, base: str, count: int) -> Contender:
    def command(output: Path) -> Command:
        options = ["--way", way, "--base", base, "--count", str(count), "--connections", str(_CONNECTIONS)]
        return [sys.executable, "-m", "bench.bench_fetch", *options, "--output", output]

    def check(output: Path) -> None:
        folder = output / "blobs" if way == "vasculum" else output
        found = sum(path.is_file() and path.stat().st_size > 0 for path in folder.rglob("*"))
        if found < count:
            raise AssertionError(f"{way} fetched {found} of {count} images")

    return Contender(way, command, check=check)
