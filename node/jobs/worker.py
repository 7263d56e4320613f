"""The process that runs jobs: `python -m node.jobs.worker NODE PARENT`, or `vasculum jobs run`.

The table of jobs says what is to be done; huey hands it to threads, each of which begins a process for a job
and waits for it. The queue is only what is under way between the two, and is emptied at each start.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from node.config import JobsConfig, read_config
from node.errors import JobStateError, NodeBusy, NodeError
from node.jobs import rules
from node.jobs.model import Job, State
from node.jobs.news import News, submit_back_fill
from node.jobs.process import JobProcess
from node.jobs.queue import JobQueue
from node.jobs.store import JobStore
from node.layout import Layout
from node.processes import end_with_parent, log_to_stderr

_LOG = logging.getLogger("vasculum.jobs")
_LOOK = 0.5  # seconds between two looks at the table
_SWEEP = 3600.0  # seconds between two times at which old jobs are forgotten
_LAST_WAIT = 5.0  # seconds that the end of the worker waits for its threads
_DAY = 86_400.0
Run: TypeAlias = tuple[str, int]
"""A job's id, and which of its runs."""


def run_worker(layout: Layout, *, drain: bool = False, patience: float = 0.0) -> None:
    """Run jobs until a signal comes (SIGTERM, SIGINT); what runs then is ended and goes on another time.

    Args:
        layout: The node.
        drain: End as soon as no job waits or runs; one that waits for its next attempt is waited for.
        patience: Seconds to wait for another process that runs the jobs of this node.

    Raises:
        NodeBusy: another process runs them.
        ConfigError: node.toml needs mending.
    """
    config = read_config(layout.config)
    with _alone(layout, patience) as lock:
        store = JobStore(layout.jobs)
        if config.analysis.back_fill:
            submit_back_fill(store)
        stopping = threading.Event()
        process = JobProcess(layout, store, lock, stopping)
        active: set[Run] = set()

        def run(id: str, number: int) -> None:
            try:
                process.run(store.find(id), config.jobs.longest_hours * 3600)
            finally:
                active.discard((id, number))

        queue = JobQueue(layout.job_queue, run, threads=config.jobs.at_once + 1)
        with _signals(stopping), queue.working():
            desk = _Desk(store, config.jobs, queue, active)
            _dispatch(desk, stopping, News(layout, store), drain=drain)
            stopping.set()
            queue.wait(_LAST_WAIT)


class _Desk:
    """Where it is decided which job comes next."""

    def __init__(self, store: JobStore, limits: JobsConfig, queue: JobQueue, active: set[Run]) -> None:
        """Begins nothing.

        Args:
            store: The jobs.
            limits: What the operator allows.
            queue: Takes what is begun.
            active: The runs that this worker began and has not ended; its threads take them out.
        """
        self._store = store
        self._limits = limits
        self._queue = queue
        self._active = active
        self._swept = float("-inf")

    def sweep(self) -> None:
        """Forget old jobs, every so often."""
        if time.monotonic() - self._swept > _SWEEP:
            self._store.forget(time.time() - self._limits.keep_days * _DAY)
            self._swept = time.monotonic()

    def is_empty(self) -> bool:
        """Whether nothing waits or runs."""
        return not self._store.unended()

    def begin_due(self) -> None:
        """Begin what is due, as far as there is room for it."""
        now = time.time()
        current = [self._current(job, now) for job in self._store.unended()]
        running = [job for job in current if job.state is State.RUNNING]
        queued = [job for job in current if job.state is State.QUEUED]
        for job in rules.next_jobs(queued, running, self._limits, now):
            try:
                begun = self._store.change(job.id, lambda one: rules.begun(one, now))
            except JobStateError:
                continue  # it was cancelled a moment ago
            self._hand_over(begun)

    def _hand_over(self, job: Job) -> None:
        """Let a thread have it; if that cannot be, it is found not to run, and begun once more."""
        self._active.add((job.id, job.runs))
        try:
            self._queue.put(job.id, job.runs)
        except BaseException:
            self._active.discard((job.id, job.runs))
            raise

    def _current(self, job: Job, now: float) -> Job:
        """A job as it stands: whoever ran it may have been killed, or it may have waited too long.

        What runs and is not ours was begun by a worker that is gone, and its processes are too, or the lock
        would not be ours.
        """
        if job.state is State.RUNNING and (job.id, job.runs) not in self._active:
            return self._store.change(job.id, lambda one: rules.orphaned(one, now), job.runs)
        if job.expires is not None:
            return self._store.change(job.id, lambda one: rules.outdated(one, now))
        return job


def _dispatch(desk: _Desk, stopping: threading.Event, news: News, *, drain: bool) -> None:
    while not stopping.is_set():
        told = _guarded(news.look, "looking for news")
        done = _guarded(desk.sweep, "forgetting old jobs") and _guarded(desk.begin_due, "beginning jobs")
        if drain and told and done and desk.is_empty():
            return
        stopping.wait(_LOOK)


def _guarded(work: Callable[[], object], what: str) -> bool:
    """A disk that is full for a while, or a setting that is being changed, must not end the worker."""
    try:
        work()
    except (NodeError, OSError) as error:
        _LOG.warning("%s did not work: %s", what, error)
        return False
    return True


@contextmanager
def _signals(stopping: threading.Event) -> Iterator[None]:
    """End when asked to; the handlers of before are put back."""
    wanted = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stopping.set()) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _alone(layout: Layout, patience: float) -> Iterator[int]:
    """Hold the lock of whoever runs jobs; gives its descriptor, which jobs share.

    It is the lease of all that runs here. It has no time: the kernel ends it with the last of the processes
    that hold it, so what holds the lock can be sure that nothing runs that it did not begin.
    """
    descriptor = os.open(layout.jobs_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + patience
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise NodeBusy(
                        f"Another process runs the jobs of {layout.root}: a `vasculum serve` or `jobs run`. "
                        "They need no second one; `vasculum jobs ls` shows how they get on."
                    ) from None
                time.sleep(0.1)
        yield descriptor
    finally:
        os.close(descriptor)


def main(arguments: list[str]) -> None:
    """Run jobs beside a server, for as long as it lives."""
    root, parent = arguments
    end_with_parent(int(parent))
    log_to_stderr()
    while True:
        try:
            return run_worker(Layout(Path(root)), patience=60.0)
        except NodeBusy as error:
            _LOG.info("%s", error)
        except NodeError as error:
            _LOG.warning("jobs cannot be run: %s", error)
            time.sleep(10.0)


if __name__ == "__main__":
    main(sys.argv[1:])
