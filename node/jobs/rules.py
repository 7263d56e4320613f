"""What may become of a job: each rule takes a job and the time, and gives the job as it is then. Pure."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hashstore.canonical import Json
from node.errors import JobStateError
from node.jobs.model import NODE_USER, Job, Progress, State

if TYPE_CHECKING:  # who runs one job needs no settings
    from node.config import JobsConfig

LONGEST_WAIT: Final = 3600.0  # seconds before a job that failed is tried again
_EFFECTS: Final = uuid.UUID("6b1c7f0e-3f0a-5a53-9d0c-1f0e8a4d2b77")


def begun(job: Job, now: float) -> Job:
    """The job, as it begins to run.

    Raises:
        JobStateError: it is not waiting to be begun.
    """
    if job.state is not State.QUEUED or job.due > now:
        raise JobStateError(f"Job {job.number} is {job.state} and cannot be begun.")
    return replace(job, state=State.RUNNING, runs=job.runs + 1, started=now, error=None, progress=Progress())


def done(job: Job, result: Mapping[str, Json], now: float) -> Job:
    """The job, as it ends well."""
    return replace(job, state=State.DONE, result=result, ended=now, cancelling=False)


def failed(job: Job, error: str, now: float, retry_seconds: float, *, lasting: bool) -> Job:
    """The job, after it failed: it waits to be tried again, unless that would not help or was done enough.

    Args:
        job: A running one.
        error: Why, for a curator.
        now: The time.
        retry_seconds: Before the second attempt.
        lasting: Trying again would not help.
    """
    if job.cancelling:
        return cancelled(job, now)
    failures = job.failures + 1
    after = replace(job, failures=failures, error=error)
    if lasting or failures >= job.attempts:
        return replace(after, state=State.FAILED, ended=now)
    due = now + back_off(failures, retry_seconds, job.id)
    return replace(after, state=State.QUEUED, due=due)


def back_off(failures: int, first: float, spread_by: str) -> float:
    """Seconds to wait: doubled with each failure up to an hour, and a little more, other for each job.

    Without the little more, jobs that failed together for one reason would come back together.
    """
    share = int.from_bytes(hashlib.sha256(f"{spread_by}/{failures}".encode()).digest()[:4]) / 2**32
    return min(LONGEST_WAIT, first * 2.0 ** min(failures - 1, 32)) * (1 + share / 4)


def waiting(job: Job, reason: str, now: float, seconds: float) -> Job:
    """The job, put back because something else has to end first; that is no failure."""
    if job.cancelling:
        return cancelled(job, now)
    return replace(job, state=State.QUEUED, due=now + seconds, error=reason)


def orphaned(job: Job, now: float) -> Job:
    """The job, after whoever ran it was killed: it goes on, as its kind is able to."""
    if job.cancelling:
        return cancelled(job, now)
    return replace(job, state=State.QUEUED, due=now)


def cancelled(job: Job, now: float) -> Job:
    """The job, ended because somebody wanted so."""
    return replace(job, state=State.CANCELLED, ended=now, cancelling=False)


def asked_to_stop(job: Job, now: float) -> Job:
    """The job, once somebody wants it to stop: at once if it waits, else by whoever runs it.

    Raises:
        JobStateError: it has ended.
    """
    if job.state.ended:
        raise JobStateError(f"Job {job.number} is {job.state} already.")
    return cancelled(job, now) if job.state is State.QUEUED else replace(job, cancelling=True)


def again(job: Job, now: float, attempts: int) -> Job:
    """A job that failed or was cancelled, to be tried anew; it goes on where it stopped if its kind can.

    Raises:
        JobStateError: it has not ended, or it is done.
    """
    if job.state not in (State.FAILED, State.CANCELLED):
        hint = " Submit another." if job.state is State.DONE else ""
        raise JobStateError(
            f"Job {job.number} is {job.state}; only what failed or was cancelled is retried.{hint}"
        )
    return replace(
        job,
        state=State.QUEUED,
        due=now,
        expires=None,
        ended=None,
        error=None,
        attempts=job.failures + attempts,
    )


def outdated(job: Job, now: float) -> Job:
    """The job, ended if its time to be begun is over."""
    if job.state is State.QUEUED and job.runs == 0 and job.expires is not None and job.expires <= now:
        return replace(job, state=State.FAILED, ended=now, error="It was not begun before it expired.")
    return job


def effect_key(job: Job) -> str:
    """The UUID for an effect of the job that must happen once.

    It stays the same while the job is killed and goes on; after a failure, which is an ending that others can
    see, the next attempt is another deed.
    """
    return str(uuid.uuid5(_EFFECTS, f"{job.id}/{job.failures}"))


def may_begin(job: Job, running: Iterable[Job], limits: JobsConfig) -> bool:
    """Whether there is room for the job beside those that run."""
    beside = list(running)
    if job.user == NODE_USER:
        return not any(one.user == NODE_USER for one in beside)
    others = [one for one in beside if one.user != NODE_USER]
    own = sum(one.user == job.user for one in others)
    return len(others) < limits.at_once and own < limits.running_per_user


def next_jobs(queued: Sequence[Job], running: Iterable[Job], limits: JobsConfig, now: float) -> list[Job]:
    """The jobs to begin now: of users for whom least runs first, and for each the one that waits longest."""
    taken, begun_now = list(running), list[Job]()
    left = [job for job in queued if job.due <= now]
    while fit := [job for job in left if may_begin(job, taken, limits)]:
        chosen = min(fit, key=lambda job: (sum(one.user == job.user for one in taken), job.number))
        left.remove(chosen)
        taken.append(chosen)
        begun_now.append(chosen)
    return begun_now
