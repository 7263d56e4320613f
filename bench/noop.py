"""10,000 units that do nothing, in batches of 64: the embedded pool, or Dask on this machine.

What is left is what a batch costs: sending the order, waiting, taking the
answer. Workers are started before the clock; both have two, of one thread each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from analyzers.engine.batches import BATCH, run_batches
from analyzers.engine.cluster import cluster_executor
from analyzers.engine.pool import Allowance, WorkerPool
from hashstore.digest import Digest

UNITS, WORKERS = 10_000, 2
_WINDOW = 4 * WORKERS  # batches under way, as in a run


@contextmanager
def pool() -> Iterator[Executor]:
    """The embedded pool."""
    with WorkerPool(WORKERS, Allowance(8 << 30, 60.0)) as executor:
        yield executor


@contextmanager
def dask() -> Iterator[Executor]:
    """A scheduler and workers on this machine, as processes."""
    from distributed import LocalCluster

    options: dict[str, Any] = {"threads_per_worker": 1, "dashboard_address": None, "host": "127.0.0.1"}
    with (
        LocalCluster(n_workers=WORKERS, **options) as cluster,  # type: ignore[no-untyped-call]
        cluster_executor(cluster.scheduler_address) as executor,
    ):
        yield executor


WHERE: dict[str, Callable[[], Any]] = {"pool": pool, "dask": dask}


def seconds(where: str, units: int = UNITS) -> float:
    """How long so many units take there.

    Raises:
        RuntimeError: Not all of them came back, in their order.
    """
    items = [{"digest": Digest.of(str(number).encode()).uri, "path": ""} for number in range(units)]
    order = {"analyzer": "noop", "parameters": {}, "models": {}}
    with WHERE[where]() as executor:
        list(run_batches(executor, order, items[: 2 * BATCH], _WINDOW, unit=do_nothing))  # all is imported
        began = time.perf_counter()
        parts = run_batches(executor, order, items, _WINDOW, unit=do_nothing)
        found = [one for part in parts for one in part]
        took = time.perf_counter() - began
    if [one["digest"] for one in found] != [one["digest"] for one in items]:
        raise RuntimeError("not every unit came back in its place")
    return took


def do_nothing(order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A unit whose items are answered as they come."""
    return [{"digest": item["digest"], "findings": []} for item in order["items"]]
