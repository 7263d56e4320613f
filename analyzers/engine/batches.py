"""A whole run through an executor: batches in a bounded window; one that kills its worker is halved until the
picture that did it stands alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from itertools import islice
from typing import Any, Final

from analyzers.engine.pool import WorkerDied
from analyzers.errors import AnalyzerError
from analyzers.output import Failing, Failure, Input, encode_result
from analyzers.region import parse_region
from analyzers.unit import run_unit
from hashstore.canonical import Json
from hashstore.digest import Digest

BATCH: Final = 64
_PATIENCE: Final = 1.0  # seconds between two looks whether a cluster is still there
Item = Mapping[str, Json]
Results = list[dict[str, Json]]
Unit = Callable[[Mapping[str, Any]], Results]


def batch_size(items: int, window: int) -> int:
    """How many items in a batch: 64, but few enough that a short run keeps every worker busy."""
    return max(1, min(BATCH, items // max(1, window)))


def run_batches(
    executor: Executor,
    order: Mapping[str, Json],
    items: Iterable[Item],
    window: int,
    batch: int = BATCH,
    unit: Unit = run_unit,
) -> Iterator[Results]:
    """Run a unit for each batch of items.

    Args:
        executor: Where.
        order: What `run_unit` takes, without `items`.
        items: What to read; drawn on as there is room.
        window: How many batches may be under way at once.
        batch: How many items in each.
        unit: What is run; another one only where the engine itself is measured.

    Yields:
        For each batch or part of one, as they were sent off, the results of its items.

    Raises:
        AnalyzerError: The unit cannot be run at all.
    """
    waiting = iter(items)
    under_way: deque[tuple[list[Item], Future[Results]]] = deque()
    try:
        while True:
            while len(under_way) < window and (part := list(islice(waiting, batch))):
                under_way.append(_sent(executor, unit, order, part))
            if not under_way:
                return
            part, future = under_way.popleft()
            try:
                yield _result(executor, future)
            except AnalyzerError:
                raise
            except Exception as error:  # each executor has its own word for a worker that died
                if len(part) == 1:
                    yield [encode_result(_failure(part[0], error))]
                else:
                    half = len(part) // 2
                    under_way.extendleft(
                        _sent(executor, unit, order, piece) for piece in (part[half:], part[:half])
                    )
    finally:
        for _, future in under_way:
            future.cancel()


def _result(executor: Executor, future: Future[Results]) -> Results:
    """A future's result, unless whoever should make it is gone (`ClusterExecutor.check`)."""
    check = getattr(executor, "check", None)
    while check is not None:
        try:
            return future.result(_PATIENCE)
        except TimeoutError:
            if future.done():
                raise
            check()
    return future.result()


def _sent(
    executor: Executor, unit: Unit, order: Mapping[str, Json], part: list[Item]
) -> tuple[list[Item], Future[Results]]:
    return part, executor.submit(unit, {**order, "items": list(part)})


def _failure(item: Item, error: Exception) -> Failure:
    region = item.get("region")
    input = Input(Digest.parse(str(item["digest"])), parse_region(str(region)) if region else None)
    failing = error.failing if isinstance(error, WorkerDied) else Failing.CRASHED
    return Failure(input, failing, str(error) or type(error).__name__)
