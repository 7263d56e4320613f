from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.config import JobsConfig
from node.errors import JobStateError
from node.jobs import rules
from node.jobs.model import NODE_USER, Job, State

_LIMITS = JobsConfig(at_once=2, running_per_user=1)


def _job(number: int = 1, user: str = "operator", **values: object) -> Job:
    made = Job(f"{number:08d}-0000-4000-8000-000000000000", number, "sync", {}, user, 0.0, 0.0, 3)
    return replace(made, **values)  # type: ignore[arg-type]


@given(failures=st.integers(1, 200), first=st.floats(0.001, 1e6), who=st.text(max_size=20))
def test_each_failure_doubles_the_wait_up_to_an_hour_and_a_quarter(
    failures: int, first: float, who: str
) -> None:
    wait = rules.back_off(failures, first, who)
    doubled = min(rules.LONGEST_WAIT, first * 2.0 ** min(failures - 1, 32))
    assert doubled <= wait <= doubled * 1.25
    assert wait == rules.back_off(failures, first, who)


def test_jobs_that_failed_together_do_not_come_back_together() -> None:
    assert len({round(rules.back_off(1, 30.0, f"job {n}"), 3) for n in range(50)}) > 40


@given(attempts=st.integers(1, 20))
def test_a_job_fails_for_good_after_just_as_many_failures_as_it_has_attempts(attempts: int) -> None:
    job, now = _job(attempts=attempts), 0.0
    for count in range(1, attempts + 1):
        assert job.state is State.QUEUED
        now = job.due
        job = rules.failed(rules.begun(job, now), "it rains", now, 30.0, lasting=False)
        assert job.failures == count
    assert (job.state, job.error, job.ended) == (State.FAILED, "it rains", now)


def test_what_will_never_work_is_tried_once() -> None:
    job = rules.failed(rules.begun(_job(), 0.0), "no such thing", 0.0, 30.0, lasting=True)
    assert job.state is State.FAILED


def test_waiting_for_another_process_and_being_killed_are_no_failures() -> None:
    running = rules.begun(_job(), 0.0)
    waits = rules.waiting(running, "another process writes", 5.0, 30.0)
    assert (waits.state, waits.due, waits.failures, waits.error) == (
        State.QUEUED, 35.0, 0, "another process writes",
    )  # fmt: skip
    killed = rules.orphaned(running, 5.0)
    assert (killed.state, killed.due, killed.failures) == (State.QUEUED, 5.0, 0)


def test_the_name_of_an_effect_outlives_kills_and_not_failures() -> None:
    job = rules.begun(_job(), 0.0)
    resumed = rules.begun(rules.orphaned(job, 1.0), 1.0)
    assert rules.effect_key(resumed) == rules.effect_key(job)
    failed = rules.failed(resumed, "no", 2.0, 1.0, lasting=False)
    assert rules.effect_key(failed) != rules.effect_key(job)


@pytest.mark.parametrize("ending", ["fails", "is killed", "waits", "ends by itself"])
def test_a_job_that_is_to_stop_stops_however_its_run_ends(ending: str) -> None:
    job = rules.asked_to_stop(rules.begun(_job(), 0.0), 1.0)
    assert job.cancelling
    ended = {
        "fails": rules.failed(job, "no", 2.0, 1.0, lasting=False),
        "is killed": rules.orphaned(job, 2.0),
        "waits": rules.waiting(job, "no", 2.0, 1.0),
        "ends by itself": rules.done(job, {}, 2.0),
    }[ending]
    # It may be done before it could be stopped: what has happened is not denied.
    assert ended.state is (State.DONE if ending == "ends by itself" else State.CANCELLED)
    assert not ended.cancelling


def test_what_has_ended_cannot_be_stopped_and_what_is_done_not_tried_again() -> None:
    done = rules.done(rules.begun(_job(), 0.0), {"n": 1}, 1.0)
    with pytest.raises(JobStateError, match="done already"):
        rules.asked_to_stop(done, 2.0)
    with pytest.raises(JobStateError, match="Submit another"):
        rules.again(done, 2.0, 3)
    with pytest.raises(JobStateError, match="cannot be begun"):
        rules.begun(done, 2.0)


def test_a_job_that_is_tried_again_has_all_its_attempts_and_is_another_deed() -> None:
    failed = rules.failed(rules.begun(_job(attempts=1), 0.0), "no", 1.0, 1.0, lasting=False)
    job = rules.again(failed, 2.0, 3)
    assert (job.state, job.attempts, job.failures, job.due) == (State.QUEUED, 4, 1, 2.0)


def test_only_a_job_that_was_never_begun_expires() -> None:
    job = _job(expires=10.0)
    assert rules.outdated(job, 9.9) == job
    assert rules.outdated(job, 10.0).state is State.FAILED
    resumed = rules.orphaned(rules.begun(job, 5.0), 11.0)
    assert rules.outdated(resumed, 12.0) == resumed


@given(
    users=st.lists(st.sampled_from(["ada", "ben", "cyd", NODE_USER]), max_size=12),
    at_once=st.integers(1, 4),
    each=st.integers(1, 3),
)
def test_never_more_run_than_the_limits_say_and_no_room_is_left_empty(
    users: list[str], at_once: int, each: int
) -> None:
    limits = JobsConfig(at_once=at_once, running_per_user=each)
    queued = [_job(number, user) for number, user in enumerate(users, 1)]
    chosen = rules.next_jobs(queued, [], limits, 0.0)
    people = [job for job in chosen if job.user != NODE_USER]
    assert len(people) <= at_once
    assert all(sum(job.user == who for job in people) <= each for who in users)
    assert sum(job.user == NODE_USER for job in chosen) == min(1, users.count(NODE_USER))
    assert not any(rules.may_begin(job, chosen, limits) for job in queued if job not in chosen)


def test_who_has_nothing_running_comes_before_who_has_and_waits_longer() -> None:
    limits = JobsConfig(at_once=3, running_per_user=2)
    queued = [_job(2, "ada"), _job(3, "ada"), _job(4, "ben")]
    running = [rules.begun(_job(1, "ada"), 0.0)]
    assert [job.number for job in rules.next_jobs(queued, running, limits, 0.0)] == [4, 2]


def test_jobs_of_the_node_wait_for_nobody_elses() -> None:
    running = [rules.begun(_job(number, f"user{number}"), 0.0) for number in (1, 2)]
    queued = [_job(3, "ada"), _job(4, NODE_USER), _job(5, NODE_USER)]
    assert [job.number for job in rules.next_jobs(queued, running, _LIMITS, 0.0)] == [4]


def test_what_is_not_due_is_not_begun() -> None:
    assert rules.next_jobs([_job(due=5.0)], [], _LIMITS, 4.9) == []
    with pytest.raises(JobStateError):
        rules.begun(_job(due=5.0), 4.9)
