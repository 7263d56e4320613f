"""Following a log over loopback: all of it, nothing new, and one new row in a hundred."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.following import segment_bytes, sync_idly, sync_once, track
from bench.harness import Bench, Figure, Measured
from bench.nodes import make_node, served
from bench.wire import Wire, counting

_FULL, _GROWN, _CHANGE = 1.05, 1.3, 0.01
_IDLE_SECONDS, _IDLE_BYTES = 0.050, 2_000
_MEMORY = 1 << 30


def run(bench: Bench) -> Iterator[Figure]:
    """A node with a million occurrences and a million media, and a follower that begins with nothing."""
    rows = 20_000 if bench.quick else 1_000_000
    source, follower = bench.output(), bench.output()
    make_node(source)
    make_node(follower)
    archive = source.with_name("archive.zip")
    track(source, bench.work, archive, rows)
    with counting() as wire:
        with served(source, bench.work / "serve.log") as node:
            wire.lead_to(node.url)
            ours.node_json(follower, "peer", "add", wire.url)
            whole, sent = sync_once(follower, wire)
            yield from _whole(2 * rows, whole, sent, segment_bytes(source))
            yield from _idle(follower, wire)
        track(source, bench.work, archive, rows + round(rows * _CHANGE))
        with served(source, bench.work / "serve.log") as node:
            wire.lead_to(node.url)
            _, more = sync_once(follower, wire)
    most = None if bench.quick else _GROWN  # few rows do not outweigh the statement that lists them
    note = f"{more:,} bytes after {sent:,}; {round(rows * _CHANGE):,} + {round(rows * _CHANGE):,} rows"
    yield Figure("sync of 1 % new rows, of the bytes of all", 100 * more / sent, "%", most=most, note=note)
    bench.clean()


def _whole(rows: int, took: Measured, sent: int, size: int) -> Iterator[Figure]:
    note = f"{sent:,} bytes for {size:,} of segments"
    yield Figure(
        f"sync of {rows:,} rows, bytes on the wire", sent / size, "x segments", most=_FULL, note=note
    )
    yield Figure("  rows a second", rows / took.seconds, "/s", note="to segments and index, checked by row")
    yield Figure("  CPU time, the follower's", took.cpu_seconds, "s")
    yield Figure("  greatest memory", took.peak_bytes / (1 << 20), "MiB", most=_MEMORY / (1 << 20))


def _idle(follower: Path, wire: Wire) -> Iterator[Figure]:
    seconds, cpu, sent = sync_idly(follower, wire)
    note = f"CPU {cpu * 1e3:.1f} ms; in a process that runs, as a server's"
    yield Figure("no-op sync of a log", seconds * 1e3, "ms", most=_IDLE_SECONDS * 1e3, note=note)
    yield Figure("  bytes on the wire, both ways", sent, "bytes", most=_IDLE_BYTES)
