"""Measure one machine for the estimate: a node, its follower, and a node that holds images."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import ours
from bench.corpus import corpus
from bench.following import opened, segment_bytes, sync_idly, sync_once, track
from bench.harness import Bench, measure, say
from bench.nodes import holding, make_node, served
from bench.scale.measured import Measured
from bench.suites.cite import bundles
from bench.wire import counting
from hashstore.digest import Digest

_TABLES = ("specimen", "media", "capture")
_OF_TABLE = "SELECT segment, row_count FROM leaf WHERE table_name = ? AND access = 'public'"
_TILE_SHARE = 2 + 32 * 256 / 255  # bytes of a bundle's length field, and of a leaf's hashes on all levels


def measure_machine(bench: Bench) -> Measured:
    """All figures, in some minutes: times with drawn rows, sizes with real ones if there are any.

    Drawn rows compress better than real ones do. So Darwin Core Archives that lie in the folder `archives` of
    the work folder are tracked for the sizes.
    """
    drawn, follower = bench.output(), bench.output()
    make_node(drawn)
    make_node(follower)
    track(drawn, bench.work, drawn.with_name("archive.zip"), 20_000 if bench.quick else 200_000)
    real, rows_of = _real(bench, drawn)
    small = holding(bench.work, corpus(bench.work, 2_000 if bench.quick else 20_000, 8_192)).node
    rows = _row_bytes(real, _TABLES[:2]) | _row_bytes(small, _TABLES[2:])
    count = sum(number for _, number in rows.values())
    times = _times(bench, drawn, follower)
    leaf, statement = _log_bytes(real)
    return Measured(
        date=datetime.now(UTC).date().isoformat(),
        machine=_machine(),
        rows=count,
        rows_of=rows_of,
        specimen_bytes=_each(rows["specimen"]),
        media_bytes=_each(rows["media"]),
        capture_bytes=_each(rows["capture"]),
        index_bytes=(_index_bytes(real) + _index_bytes(small)) / count,
        leaf_bytes=leaf,
        statement_bytes=statement,
        clone_bytes=_clone_rate(bench),
        hash_bytes=_hash_rate(),
        citation_bytes=float(len(bundles()["blob"])),
        **times,
    )


def _times(bench: Bench, source: Path, follower: Path) -> dict[str, float]:
    """What following takes."""
    with counting() as wire, served(source, bench.work / "serve.log") as node:
        wire.lead_to(node.url)
        ours.node_json(follower, "peer", "add", wire.url)
        sync, sent = sync_once(follower, wire)
        _, idle_cpu, idle_bytes = sync_idly(follower, wire)
    rebuild = measure("vasculum index rebuild", ours.node_rebuild(follower), {})
    count = sum(number for _, number in _row_bytes(source, _TABLES[:2]).values())
    return {
        "wire_ratio": sent / segment_bytes(source),
        "sync_rows": count / sync.seconds,
        "rebuild_rows": count / rebuild.seconds,
        "idle_cpu": idle_cpu,
        "idle_bytes": idle_bytes,
    }


def _real(bench: Bench, drawn: Path) -> tuple[Path, str]:
    """The node whose rows are measured for size, and what kind of rows it has."""
    archives = sorted((bench.work / "archives").glob("*.zip"))
    if not archives:
        return drawn, "archives drawn for the purpose"
    node = bench.output()
    make_node(node)
    for archive in archives:
        say(f"tracking {archive.name} ...")
        ours.node_json(node, "track", "--no-images", archive, fine=(0, 3))
    return node, "published archives"


def _row_bytes(folder: Path, tables: Sequence[str]) -> dict[str, tuple[int, int]]:
    """For each table the bytes of its segments, and their rows."""
    node, found = opened(folder), {}
    with node.index() as index:
        for table in tables:
            leaves = index.rows(_OF_TABLE, [table])
            size = sum(node.store.size(Digest(leaf["segment"])) for leaf in leaves)
            found[table] = (size, sum(leaf["row_count"] for leaf in leaves))
    return found


def _each(of_table: tuple[int, int]) -> float:
    return of_table[0] / of_table[1]


def _index_bytes(folder: Path) -> int:
    layout = opened(folder).layout
    return sum(path.stat().st_size for path in (layout.index, layout.served) if path.exists())


def _log_bytes(folder: Path) -> tuple[float, float]:
    """The mean size of an entry with its share of tiles, and of a statement."""
    node = opened(folder)
    leaves = list(node.reader.leaves())
    with node.index() as index:
        statements = [Digest(row["digest"]) for row in index.rows("SELECT digest FROM statement")]
    sizes = [node.store.size(digest) for digest in statements]
    return sum(map(len, leaves)) / len(leaves) + _TILE_SHARE, sum(sizes) / len(sizes)


def _clone_rate(bench: Bench) -> float:
    """Bytes a second of `vasculum clone`, its start included."""
    files = corpus(bench.work, 100 if bench.quick else 2_000, 1_200_000)
    source, output = holding(bench.work, files), bench.output()
    make_node(output)
    with served(source.node, bench.work / "serve.log") as node:
        took = measure("vasculum clone", ours.node_clone(output, source.statement, node.url), {})
    return files.bytes / took.seconds


def _hash_rate() -> float:
    data = bytes(64 << 20)
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        hashlib.sha256(data).digest()
        best = min(best, time.perf_counter() - began)
    return len(data) / best


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GiB, load {load:.0f}"
