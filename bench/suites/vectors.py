"""Searching a million vectors of 384 coordinates: how fast, how well, in how much memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from analyzers.vectors.members import Places, read_members
from analyzers.vectors.search import VectorIndex, open_index
from bench.embeddings import Floats, drawn, embeddings
from bench.harness import Bench, Figure, measure

_WIDTH, _NEAREST, _QUERIES = 384, 10, 200
_P95_MS, _RECALL, _FILTERED = 50.0, 0.95, 3.0
_SHARES = (0.5, 0.1, 0.01, 0.001)
_AT_ONCE = 50_000


def run(bench: Bench) -> Iterator[Figure]:
    """Making an index, and searching it: all members, and those that a filter leaves."""
    count = 210_000 if bench.quick else 1_000_000
    path, built = embeddings(bench.work, count, _WIDTH), bench.output()
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "bench.vector_build",
        path,
        str(count),
        str(_WIDTH),
        built,
    ]
    took = measure("make an index", command, {})
    what = f"vectors, {count:,} of {_WIDTH}"
    yield Figure(f"{what}: made in", took.seconds, "s", note=f"{took.cpu_seconds:.0f} s of CPU time")
    yield Figure(
        "  memory to make it", took.peak_bytes / (1 << 20), "MiB", note="the file of vectors included"
    )
    before = _memory()
    index = open_index((built / "index").read_bytes(), read_members((built / "members").read_bytes()))
    yield Figure("  memory to search it", (_memory() - before) / (1 << 20), "MiB")
    yield Figure("  on disk", (built / "index").stat().st_size / (1 << 20), "MiB")
    vectors = np.memmap(path, np.float32, "r", shape=(count, _WIDTH))
    yield from _searched(index, vectors, drawn(_QUERIES, _WIDTH, seed=-1 & 0xFFFF))
    bench.clean()


def _searched(index: VectorIndex, vectors: Floats, queries: Floats) -> Iterator[Figure]:
    plain, recall = _asked(index, vectors, queries, None)
    yield Figure("  95th percentile of a search", _p95(plain) * 1e3, "ms", most=_P95_MS)
    yield Figure(f"  recall at {_NEAREST}", recall, "", least=_RECALL)
    for share in _SHARES:
        among = np.flatnonzero(np.random.default_rng(3).random(len(vectors)) < share)
        filtered, recall = _asked(index, vectors, queries, among)
        ratio = _p95(filtered) / _p95(plain)
        yield Figure(f"  with a filter that leaves {share:.1%}, times as long", ratio, "", most=_FILTERED)
        yield Figure("    recall", recall, "", least=_RECALL)


def _asked(
    index: VectorIndex, vectors: Floats, queries: Floats, among: Places | None
) -> tuple[list[float], float]:
    """Seconds of each search, and which share of the nearest they found."""
    times, right = [], 0
    exact = _nearest(vectors, queries, among)
    index.search(queries[0], _NEAREST, among)
    for query, expected in zip(queries, exact, strict=True):
        begun = time.perf_counter()
        hits = index.search(query, _NEAREST, among)
        times.append(time.perf_counter() - begun)
        right += len({int(hit.input.digest.hex, 16) for hit in hits} & set(expected.tolist()))
    return times, right / exact.size


def _nearest(vectors: Floats, queries: Floats, among: Places | None) -> Places:
    """What is nearest by comparing with each, in pieces that fit into memory."""
    places = np.arange(len(vectors)) if among is None else among
    best = np.full((len(queries), _NEAREST), -2.0, np.float32)
    where = np.zeros((len(queries), _NEAREST), np.int64)
    for start in range(0, len(places), _AT_ONCE):
        part = places[start : start + _AT_ONCE]
        scores = np.concatenate([best, queries @ vectors[part].T], axis=1)
        known = np.concatenate([where, np.broadcast_to(part, (len(queries), len(part)))], axis=1)
        order = np.argpartition(-scores, _NEAREST - 1, axis=1)[:, :_NEAREST]
        best, where = np.take_along_axis(scores, order, 1), np.take_along_axis(known, order, 1)
    return where


def _p95(times: list[float]) -> float:
    return float(np.percentile(times, 95))


def _memory() -> int:
    """What this process has in memory now, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
