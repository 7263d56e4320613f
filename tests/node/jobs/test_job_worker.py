from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.jobs import rules
from node.jobs.model import State
from node.verify.databases import check_databases

if TYPE_CHECKING:
    from tests.node.jobs.conftest import Bench


def test_jobs_run_show_how_far_they_are_and_say_what_came_of_them(bench: Bench) -> None:
    gate = bench.folder / "gate"
    told = bench.vasculum("jobs", "submit", "ledger", f"file={bench.ledger}", "steps=20", f"gate={gate}")
    assert (told["state"], told["kind"], told["user"]) == ("queued", "ledger", "operator")
    worker = bench.work("--drain")
    bench.until(lambda: bench.store.find(told["id"]).progress.total == 20)
    running = bench.vasculum("jobs", "show", told["number"])
    assert (running["state"], running["progress"]["label"], running["progress"]["total"]) == (
        "running", "Writing", 20,
    )  # fmt: skip
    gate.touch()
    assert worker.wait(60) == 0
    shown = bench.vasculum("jobs", "show", told["id"][:8])
    assert shown["state"] == "done"
    assert shown["result"] == {"written": 20, "found": 0}
    assert len(bench.lines()) == 20


@pytest.mark.slow
def test_a_job_that_fails_is_tried_again_after_growing_waits_and_each_failure_is_another_deed(
    bench: Bench,
) -> None:
    job = bench.submit("moody", how="error", times=2)
    bench.drain()
    ended = bench.store.find(job.id)
    assert (ended.state, ended.failures, ended.result) == (State.DONE, 2, {"tries": 3})
    keys, times = zip(*(line.split() for line in bench.lines()), strict=True)
    assert len(set(keys)) == 3
    first, second = (float(b) - float(a) for a, b in pairwise(times))
    assert first >= 0.2
    assert second >= 0.4


@pytest.mark.parametrize(
    ("how", "error"),
    [
        pytest.param("lasting", "never work", marks=pytest.mark.slow),
        pytest.param("error", "ValueError: rain", marks=pytest.mark.slow),
        pytest.param("killed", "SIGKILL", marks=pytest.mark.slow),
    ],
)
def test_what_keeps_failing_fails_with_its_reason_and_can_be_tried_again(
    bench: Bench, how: str, error: str
) -> None:
    job = bench.submit("moody", how=how, times=100)
    bench.store.change(job.id, lambda one: replace(one, attempts=1))
    bench.drain()
    failed = bench.store.find(job.id)
    assert failed.state is State.FAILED
    assert error in (failed.error or "")
    bench.ledger.write_text("\n" * 100)
    assert bench.vasculum("jobs", "retry", job.number)["state"] == "queued"
    bench.drain()
    assert bench.state(job) is State.DONE


def test_a_running_job_is_cancelled_at_once_and_goes_on_where_it_was_when_it_is_tried_again(
    bench: Bench,
) -> None:
    job = bench.submit("ledger", steps=600, pause=100)
    bench.work()
    bench.until(lambda: len(bench.lines()) > 2)
    begun = time.monotonic()
    bench.vasculum("jobs", "cancel", job.number)
    bench.until(lambda: bench.state(job) is State.CANCELLED, 10)
    assert time.monotonic() - begun < 8
    written = len(bench.lines())
    time.sleep(0.3)
    assert len(bench.lines()) == written, "its process has ended"
    bench.store.change(job.id, lambda one: replace(rules.again(one, time.time(), 3), parameters={
        **one.parameters, "steps": written + 2, "pause": 0}))  # fmt: skip
    bench.until(lambda: bench.state(job) is State.DONE)
    assert [line.split()[1] for line in bench.lines()] == [str(n) for n in range(written + 2)]


def test_a_job_that_waits_is_cancelled_and_one_that_expired_is_never_begun(bench: Bench) -> None:
    waiting = bench.submit("ledger")
    bench.store.change(waiting.id, lambda job: rules.asked_to_stop(job, time.time()))
    late = bench.store.submit("ledger", {}, "operator", time.time(), attempts=3, expires=time.time() - 1)
    bench.drain()
    assert bench.state(waiting) is State.CANCELLED
    assert bench.store.find(late.id).error == "It was not begun before it expired."
    assert bench.lines() == []


@pytest.mark.slow
def test_one_user_does_not_keep_others_from_their_turn(bench: Bench) -> None:
    many = [bench.submit("ledger", "ada", steps=30, pause=100) for _ in range(3)]
    other = bench.submit("ledger", "ben", steps=1, pause=0)
    bench.work()
    bench.until(lambda: bench.state(other) is State.DONE)
    states = [bench.state(job) for job in many]
    assert states == [State.RUNNING, State.QUEUED, State.QUEUED]


def test_a_node_has_one_worker_and_a_second_says_so(bench: Bench) -> None:
    bench.submit("ledger", steps=100, pause=100)
    bench.work()
    bench.until(lambda: bool(bench.lines()))
    second = bench.work()
    assert second.wait(20) == 1
    assert "They need no second one" in (bench.folder / "worker.txt").read_text()


@pytest.mark.slow
def test_a_worker_that_is_asked_to_end_leaves_its_job_to_the_next(bench: Bench) -> None:
    job = bench.submit("ledger", steps=40, pause=100)
    worker = bench.work()
    bench.until(lambda: len(bench.lines()) > 2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert bench.state(job) is State.QUEUED
    bench.drain()
    assert bench.state(job) is State.DONE
    assert len(bench.lines()) == len(set(bench.lines())) == 40


@pytest.mark.slow
def test_a_job_waits_for_whoever_writes_and_says_so(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("identifier\nhttp://127.0.0.1:9/x.jpg\n")
    job = bench.submit(
        "track", source=str(tmp_path / "list.csv"), images=False, maxPerHost=None, allowPrivate=False
    )
    with bench.node.writing():
        bench.work()
        bench.until(lambda: "waiting for it to end" in bench.store.find(job.id).progress.label)
    bench.until(lambda: bench.state(job) is State.DONE)
    assert bench.store.find(job.id).failures == 0


@pytest.mark.slow
def test_a_job_that_finds_the_node_busy_comes_back_and_has_not_failed(bench: Bench) -> None:
    job = bench.submit("moody", how="busy", times=1)
    bench.work()
    bench.until(lambda: (bench.store.find(job.id).error or "") == "Another vasculum process is at it.")
    waiting = bench.store.find(job.id)
    assert (waiting.state, waiting.failures) == (State.QUEUED, 0)
    assert waiting.due > time.time() + 20


def test_a_job_dies_with_the_worker_that_began_it(bench: Bench) -> None:
    bench.submit("ledger", steps=600, pause=50)
    worker = bench.work()
    bench.until(lambda: bool(bench.lines()))
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    time.sleep(0.3)
    written = len(bench.lines())
    time.sleep(0.4)
    assert len(bench.lines()) == written


@pytest.mark.slow
def test_kinds_of_installed_packages_are_listed_with_their_parameters(bench: Bench) -> None:
    assert "herbarium_jobs" not in sys.modules
    assert bench.vasculum("jobs", "kinds")["listed"] >= 9


@pytest.mark.slow
def test_a_job_that_takes_too_long_is_ended_and_has_failed_for_good(bench: Bench) -> None:
    with bench.node.layout.config.open("a") as file:
        file.write("longest_hours = 0.0004\n")
    bench.node.layout.job_queue.write_bytes(b"what an earlier version left" * 100)
    job = bench.submit("ledger", steps=600, pause=100)
    bench.drain()
    ended = bench.store.find(job.id)
    assert (ended.state, ended.failures) == (State.FAILED, 1)
    assert "longest_hours" in (ended.error or "")


@pytest.mark.parametrize("name", ["jobs.sqlite", "notices.sqlite", "reviews.sqlite"])
def test_verification_names_a_damaged_file_and_what_is_lost_with_it(bench: Bench, name: str) -> None:
    (bench.node.layout.root / name).write_bytes(b"SQLite format 3\0" + b"nonsense" * 600)
    [fault] = [fault for fault in check_databases(bench.node) if fault.path == name]
    assert "Restore it from a backup" in fault.message
