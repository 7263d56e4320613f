"""Workers die, hang and swell; what was not theirs comes whole, and what was is told by its picture."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from analyzers.engine.batches import run_batches
from analyzers.engine.pool import Allowance, UnitRefused, WorkerPool
from analyzers.output import Failing, Failure, Output, decode_result
from hashstore.digest import Digest

Items = list[dict[str, Any]]


@pytest.fixture
def items(tmp_path: Path) -> Items:
    """Ten pictures; the red of the n-th is n."""
    found = []
    for number in range(10):
        file = io.BytesIO()
        Image.new("RGB", (16, 9), (number, 0, 0)).save(file, "PNG")
        path = tmp_path / f"{number}.png"
        path.write_bytes(file.getvalue())
        found.append({"digest": Digest.of(file.getvalue()).uri, "path": str(path)})
    return found


def results(
    items: Items, name: str, parameters: Mapping[str, Any], seconds: float = 0.2
) -> list[Output | Failure]:
    order: dict[str, Any] = {"analyzer": name, "parameters": dict(parameters), "models": {}}
    with WorkerPool(2, Allowance(4 << 30, seconds), start=20.0) as pool:
        return [
            decode_result(one)
            for batch in run_batches(pool, order, items, window=4, batch=4)
            for one in batch
        ]


def test_results_come_in_the_order_of_the_pictures(items: Items, wild: str) -> None:
    found = results(items, wild, {"deed": "", "when": 255})
    assert [one.findings[0].value for one in found if isinstance(one, Output)] == [str(n) for n in range(10)]


@pytest.mark.parametrize(
    ("deed", "failing"),
    [
        ("crash", Failing.CRASHED),
        ("leave", Failing.CRASHED),
        ("eat", Failing.OUT_OF_MEMORY),
        ("raises", Failing.FAILED),
        ("outside", Failing.BAD_OUTPUT),
        ("nan", Failing.BAD_OUTPUT),
        ("undeclared", Failing.BAD_OUTPUT),
    ],
)
def test_a_picture_that_an_analyzer_fails_on_harms_no_other(
    items: Items, wild: str, deed: str, failing: Failing
) -> None:
    found = results(items, wild, {"deed": deed, "when": 5})
    assert [isinstance(one, Output) for one in found] == [n != 5 for n in range(10)]
    assert isinstance(found[5], Failure)
    assert found[5].failing is failing
    assert "swordfish" not in repr(found), "what an analyzer prints goes nowhere"


@pytest.mark.slow
def test_one_that_hangs_is_ended_and_told(items: Items, wild: str) -> None:
    order: dict[str, Any] = {"analyzer": wild, "parameters": {"deed": "hang", "when": 5}, "models": {}}
    with WorkerPool(2, Allowance(4 << 30, 0.1), start=4.0) as pool:
        found = [decode_result(one) for batch in run_batches(pool, order, items[4:7], 4, 2) for one in batch]
    assert [isinstance(one, Output) for one in found] == [True, False, True]
    assert isinstance(found[1], Failure)
    assert found[1].failing is Failing.TIMEOUT


def test_bytes_that_are_missing_or_others_are_told(items: Items, wild: str) -> None:
    Path(items[1]["path"]).unlink()
    Path(items[2]["path"]).write_bytes(b"other bytes")
    found = results(items[:4], wild, {"deed": "", "when": 255})
    assert [one.failing for one in found if isinstance(one, Failure)] == [Failing.MISSING, Failing.DIFFERENT]


def test_a_model_whose_bytes_were_changed_stops_the_run(items: Items, wild: str, tmp_path: Path) -> None:
    model = tmp_path / "model.bin"
    model.write_bytes(b"changed")
    named = {"m": {"path": str(model), "digest": Digest.of(b"as it was").uri}}
    order: dict[str, Any] = {"analyzer": wild, "parameters": {"deed": "", "when": 255}, "models": named}
    with (
        WorkerPool(1, Allowance(4 << 30, 1.0)) as pool,
        pytest.raises(UnitRefused, match="its bytes were changed"),
    ):
        list(run_batches(pool, order, items, 2))


def test_a_worker_killed_at_half_costs_nothing(items: Items, wild: str) -> None:
    order: dict[str, Any] = {"analyzer": wild, "parameters": {"deed": "", "when": 255}, "models": {}}
    many, found = items * 40, list[dict[str, Any]]()
    with WorkerPool(1, Allowance(4 << 30, 1.0)) as pool:
        for batch in run_batches(pool, order, many, 2, 8):
            found += batch
            if len(found) == len(many) // 2:
                _kill(pool)
    assert [one["digest"] for one in found] == [one["digest"] for one in many]
    assert sum("failing" in one for one in found) <= 1


def _kill(pool: WorkerPool) -> None:
    for number in pool.processes:
        os.kill(number, signal.SIGKILL)


def test_workers_see_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VASCULUM_PASSPHRASE", "open sesame")
    from analyzers.engine.worker import environment

    assert "open sesame" not in environment().values()


def test_no_worker_outlives_its_pool(items: Items, wild: str) -> None:
    pool = WorkerPool(2, Allowance(4 << 30, 1.0))
    order: dict[str, Any] = {"analyzer": wild, "parameters": {"deed": "", "when": 255}, "models": {}}
    list(run_batches(pool, order, items, 2))
    numbers = pool.processes
    assert numbers
    pool.shutdown()
    assert _within(5.0, lambda: not any(Path(f"/proc/{number}").exists() for number in numbers))


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()
