"""Tracking a Darwin Core Archive: records to segments, a signed statement and the index, without images."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import ours
from bench.archive import kept_archive
from bench.harness import Bench, Contender, Line

_NOTE = "the peer reads and keeps nothing; ours is durable, hashed by row, signed and indexed"
_TARGET = 10.0


def run(bench: Bench) -> Iterator[Line]:
    """The whole `track --no-images` against python-dwca-reader, plain and joined."""
    rows = 20_000 if bench.quick else 1_000_000
    archive = kept_archive(bench.work, rows)
    size = archive.stat().st_size
    contenders = [
        Contender(
            "vasculum track",
            lambda out: ours.node_track(out, archive),
            prepare=ours.node_init,
            check=lambda out: _check(out, rows),
        ),
        Contender("python-dwca-reader, plain", lambda out: _peer("plain", archive)),
        Contender("python-dwca-reader, joined", lambda out: _peer("joined", archive)),
    ]
    mine, plain, joined = bench.race(contenders, archive.parent)
    what = f"track {rows:,} + {rows:,} rows"
    yield Line(what, mine, plain, 2 * rows, size, _TARGET, _NOTE)
    yield Line(what, mine, joined, 2 * rows, size, None, _NOTE)
    bench.clean()


def _peer(way: str, archive: Path) -> list[str | Path]:
    return [sys.executable, "-m", "bench.peers.dwca_reader", way, archive]


def _check(node: Path, rows: int) -> None:
    """Every row is in the index, so it was read, hashed, written and applied."""
    said = subprocess.run(ours.node_status(node), capture_output=True, check=True, text=True).stdout
    counts = json.loads(said)["rows"]
    if (counts["specimen"], counts["media"]) != (rows, rows):
        raise RuntimeError(f"the node holds {counts}, not {rows} of each")
