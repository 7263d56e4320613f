"""The process in which one job runs: `python -m node.jobs.child NODE JOB RUN PARENT LOCK`.

It settles its job itself. What it cannot settle, since it was killed, the worker does.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from pathlib import Path

from crawlers.errors import UnrecognisedSource
from hashstore.canonical import canonical_json, parse_json
from manifests.errors import FilterRefused
from node.errors import (
    AmbiguousIdentifier,
    ConfigError,
    JobRefused,
    NodeBusy,
    NotFound,
    Withdrawn,
    Withheld,
)
from node.jobs import rules
from node.jobs.kinds import kind_of
from node.jobs.model import Job, State
from node.jobs.store import JobStore
from node.jobs.task import RunningTask
from node.layout import Layout
from node.processes import end_with_parent, log_to_stderr

_LOG = logging.getLogger("vasculum.jobs")
_BUSY_SECONDS = 30.0
_NICE = 5  # requests go first
# What will be the same at the next attempt.
_LASTING = (
    JobRefused, ConfigError, NotFound, AmbiguousIdentifier, Withheld, Withdrawn, UnrecognisedSource,
    FilterRefused,
)  # fmt: skip


def main(arguments: list[str]) -> None:
    """Run one job that was begun for this process."""
    root, id, run, parent, lock = arguments
    end_with_parent(int(parent), signal.SIGKILL)
    os.set_inheritable(
        int(lock), False
    )  # it is this process's life that the lock tells of, not its children's
    os.nice(_NICE)
    log_to_stderr()
    layout = Layout(Path(root))
    store = JobStore(layout.jobs)
    job = store.find(id)
    if job.runs == int(run) and job.state is State.RUNNING:
        run_job(layout, store, job)


def run_job(layout: Layout, store: JobStore, job: Job) -> Job:
    """Run a job in this process and settle it; returns it as it is then."""
    try:
        kind = kind_of(job.kind)
        result = kind.run(RunningTask(layout, store, job, time.monotonic))
        checked = parse_json(canonical_json(dict(result)))
        assert isinstance(checked, dict)
        return store.change(job.id, lambda now: rules.done(now, checked, time.time()), job.runs)
    except NodeBusy as error:
        text = str(error)
        return store.change(
            job.id, lambda now: rules.waiting(now, text, time.time(), _BUSY_SECONDS), job.runs
        )
    except Exception as error:
        return _failed(layout, store, job, error)


def _failed(layout: Layout, store: JobStore, job: Job, error: Exception) -> Job:
    from node.config import JobsConfig, read_config

    if not _is_ours(error):
        _LOG.exception("job %s (%s) failed", job.number, job.kind)
    try:
        first = read_config(layout.config).jobs.retry_seconds
    except ConfigError:
        first = JobsConfig().retry_seconds
    lasting = isinstance(error, _LASTING)
    text = str(error) if _is_ours(error) else f"{type(error).__name__}: {error}"
    return store.change(
        job.id, lambda now: rules.failed(now, text, time.time(), first, lasting=lasting), job.runs
    )


def _is_ours(error: Exception) -> bool:
    """Whether an error was written for a curator."""
    packages = ("node", "crawlers", "analyzers", "provenance", "manifests", "hashstore")
    return type(error).__module__.partition(".")[0] in packages


if __name__ == "__main__":
    main(sys.argv[1:])
