"""Following a log over loopback: all of it, nothing new, and one new row in a hundred."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.archive import draw_archive
from bench.harness import Bench, Figure, Measured, measure, say
from bench.nodes import make_node, served
from bench.wire import Wire, counting

_IDLE_ROUNDS = 20
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
    _track(source, archive, rows)
    with counting() as wire:
        with served(source, bench.work / "serve.log") as node:
            wire.lead_to(node.url)
            ours.node_json(follower, "peer", "add", wire.url)
            whole, sent = _sync(follower, wire)
            yield from _whole(2 * rows, whole, sent, _segment_bytes(source))
            yield from _idle(follower, wire)
        _track(source, archive, rows + round(rows * _CHANGE))
        with served(source, bench.work / "serve.log") as node:
            wire.lead_to(node.url)
            _, more = _sync(follower, wire)
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
    before = wire.sent
    command = [sys.executable, "-m", "bench.idle_sync", str(follower), str(_IDLE_ROUNDS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = json.loads(done)
    sent = (wire.sent - before) / (_IDLE_ROUNDS + 1)
    note = f"CPU {found['cpu_seconds'] * 1e3:.1f} ms; in a process that runs, as a server's"
    yield Figure("no-op sync of a log", found["seconds"] * 1e3, "ms", most=_IDLE_SECONDS * 1e3, note=note)
    yield Figure("  bytes on the wire, both ways", sent, "bytes", most=_IDLE_BYTES)


def _sync(follower: Path, wire: Wire) -> tuple[Measured, int]:
    before = wire.sent
    took = measure("vasculum sync", ours.node_sync(follower), {})
    say(f"  {took.seconds:8.2f} s  vasculum sync, {wire.sent - before:,} bytes")
    return took, wire.sent - before


def _track(node: Path, archive: Path, rows: int) -> None:
    say(f"tracking {rows:,} + {rows:,} rows ...")
    draw_archive(archive, rows)
    ours.node_json(node, "track", "--no-images", archive)


def _segment_bytes(node: Path) -> int:
    """The size of all segments that a node published."""
    from hashstore.digest import Digest
    from node.compose import open_node
    from node.layout import Layout

    opened = open_node(Layout(node))
    with opened.index() as index:
        found = index.rows("SELECT segment FROM leaf WHERE segment IS NOT NULL AND access = 'public'")
    return sum(opened.store.size(Digest(row["segment"])) for row in found)
