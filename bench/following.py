"""What the suites do with a node and its follower: track, sync sync while bytes are counted, idle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench import ours
from bench.archive import kept_archive
from bench.harness import Measured, measure, say
from bench.wire import Wire
from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout

_IDLE_ROUNDS = 20
_SEGMENTS = "SELECT segment FROM leaf WHERE segment IS NOT NULL AND access = 'public'"


def track(node: Path, work: Path, place: Path, rows: int) -> None:
    """Track an archive with so many occurrences, and as many media; it may replace another."""
    archive = kept_archive(work, rows)
    say(f"tracking {rows:,} + {rows:,} rows ...")
    place.unlink(missing_ok=True)
    os.link(archive, place)
    ours.node_json(node, "track", "--no-images", place)


def sync_once(follower: Path, wire: Wire) -> tuple[Measured, int]:
    """One `vasculum sync`; what it took, and how many bytes went over the wire."""
    before = wire.sent
    took = measure("vasculum sync", ours.node_sync(follower), {})
    say(f"  {took.seconds:8.2f} s  vasculum sync, {wire.sent - before:,} bytes")
    return took, wire.sent - before


def sync_idly(follower: Path, wire: Wire) -> tuple[float, float, float]:
    """Sync where nothing is new, in a process that runs: seconds, CPU seconds and bytes for each log."""
    before = wire.sent
    command = [sys.executable, "-m", "bench.idle_sync", str(follower), str(_IDLE_ROUNDS)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found["seconds"], found["cpu_seconds"], (wire.sent - before) / (_IDLE_ROUNDS + 1)


def opened(folder: Path) -> Node:
    """A node by its folder."""
    return open_node(Layout(folder))


def segment_bytes(folder: Path) -> int:
    """The size of all segments that a node published."""
    node = opened(folder)
    with node.index() as index:
        found = index.rows(_SEGMENTS)
    return sum(node.store.size(Digest(row["segment"])) for row in found)
