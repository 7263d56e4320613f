"""Workers are killed over and over, at any moment; every effect is there once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.jobs.model import Job, State

if TYPE_CHECKING:
    from tests.node.jobs.conftest import Bench

_SEED = 20261123


def _kill_until_done(bench: Bench, jobs: list[Job], chance: random.Random, longest: float) -> int:
    """Kill worker after worker until every job has ended; returns how many were killed.

    One in four is killed while it starts, the others after they have begun a job, so that a busy machine does
    not keep all of them from coming to anything.
    """
    kills, until = 0, time.monotonic() + 240
    while any(not bench.state(job).ended for job in jobs):
        assert time.monotonic() < until, [bench.store.find(job.id) for job in jobs]
        begun = _runs(bench, jobs)
        worker = bench.work()
        if chance.random() < 0.25:
            time.sleep(chance.random())
        else:
            bench.until(lambda before=begun: _runs(bench, jobs) > before or _ended(bench, jobs))  # type: ignore[misc]
            time.sleep(chance.random() * longest)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        kills += 1
    return kills


def _runs(bench: Bench, jobs: list[Job]) -> int:
    return sum(bench.store.find(job.id).runs for job in jobs)


def _ended(bench: Bench, jobs: list[Job]) -> bool:
    return all(bench.state(job).ended for job in jobs)


@pytest.mark.slow
def test_no_step_of_a_job_is_lost_or_doubled_when_workers_are_killed_at_any_moment(bench: Bench) -> None:
    jobs = [bench.submit("ledger", f"user{n}", steps=25, pause=60) for n in range(4)]
    kills = _kill_until_done(bench, jobs, random.Random(_SEED), 1.2)
    assert kills >= 3
    assert [bench.state(job) for job in jobs] == [State.DONE] * len(jobs)
    # A kill behind a line leaves the line: it is found by its key, and not written again.
    assert Counter(bench.lines()).most_common(1)[0][1] == 1
    assert len(bench.lines()) == 4 * 25
    assert not any(bench.store.find(job.id).failures for job in jobs), "a kill is no failure"


@pytest.mark.slow
def test_each_track_job_comes_to_one_crawl_in_the_log_when_workers_are_killed_at_any_moment(
    bench: Bench, tmp_path: Path
) -> None:
    jobs = []
    for number in range(3):
        source = tmp_path / f"list{number}.csv"
        source.write_text(f"identifier,scientificName\nhttp://127.0.0.1:9/{number}.jpg,Rosa\n")
        asked = {"source": str(source), "images": False, "maxPerHost": None, "allowPrivate": False}
        jobs.append(bench.submit("track", f"user{number}", **asked))
    kills = _kill_until_done(bench, jobs, random.Random(_SEED), 2.5)
    assert kills >= 2
    assert [bench.state(job) for job in jobs] == [State.DONE] * len(jobs)
    with bench.node.index() as index:
        crawls = index.rows("SELECT iri, source FROM own_statement WHERE kind = 'Crawl'")
    assert len({row["iri"] for row in crawls}) == len(crawls) == 3
    assert len({row["source"] for row in crawls}) == 3
    told = {(bench.store.find(job.id).result or {})["crawl"] for job in jobs}
    assert told == {row["iri"] for row in crawls}


@pytest.mark.slow
def test_a_job_whose_own_process_is_killed_is_tried_again_and_comes_to_one_effect(bench: Bench) -> None:
    job = bench.submit("ledger", steps=30, pause=50)
    bench.work()
    bench.until(lambda: len(bench.lines()) > 3)
    [child] = [
        int(path.name)
        for path in Path("/proc").glob("[0-9]*")
        if f"\0{job.id}\0".encode() in _command_line(path)
    ]
    os.kill(child, signal.SIGKILL)
    bench.until(lambda: bench.store.find(job.id).failures == 1)
    assert "SIGKILL" in (bench.store.find(job.id).error or "")


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
