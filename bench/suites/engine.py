"""What a batch costs beside its work: 10,000 no-op units by the embedded pool and by Dask."""

from __future__ import annotations

from collections.abc import Iterator

from bench.harness import Bench, Figure
from bench.noop import UNITS, WORKERS, seconds


def run(bench: Bench) -> Iterator[Figure]:
    """Both in turns, the best of each."""
    units = UNITS // 10 if bench.quick else UNITS
    took = {"pool": float("inf"), "dask": float("inf")}
    for _ in range(bench.rounds):
        took = {where: min(before, seconds(where, units)) for where, before in took.items()}
    what = f"{units:,} no-op units in batches of 64, {WORKERS} workers"
    yield Figure(
        f"{what}: embedded pool", took["pool"] * 1e3, "ms", note=f"{units / took['pool']:,.0f} a second"
    )
    yield Figure("  Dask", took["dask"] * 1e3, "ms", note=f"{units / took['dask']:,.0f} a second")
    yield Figure("  times as long as the pool", took["dask"] / took["pool"], "")
