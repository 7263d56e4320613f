"""A job in a process of its own: begun, watched, and ended when it is cancelled or takes too long.

To cancel is to kill. Whatever a node does survives that at any moment, so there is no second way to stop.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

from node.errors import NodeError
from node.jobs import rules
from node.jobs.model import Job
from node.jobs.store import JobStore
from node.layout import Layout

_LOOK = 0.05  # seconds between two looks whether the process has ended
_AGAIN = 30.0  # seconds before a job is begun for which the machine had no room
_ASK = 0.5  # seconds between two looks whether somebody wants it to stop


class JobProcess:
    """Runs one job after the other, each in a process; for one thread."""

    def __init__(self, layout: Layout, store: JobStore, lock: int, stopping: threading.Event) -> None:
        """Begins nothing.

        Args:
            layout: The node's files.
            store: Its jobs.
            lock: The descriptor of the lock that says that jobs run here; the process shares it.
            stopping: When it is set, what runs is ended and goes on another time.
        """
        self._layout = layout
        self._store = store
        self._lock = lock
        self._stopping = stopping

    def run(self, job: Job, longest: float) -> None:
        """Run a job that was begun, to its end, whatever that is.

        Args:
            job: The job.
            longest: Seconds after which it is ended and counts as failed; 0 for no limit.
        """
        try:
            process = self._begin(job)
        except OSError as error:
            text = f"No process can be begun for it: {error.strerror}."
            self._store.change(job.id, lambda j: rules.waiting(j, text, time.time(), _AGAIN), job.runs)
            return
        try:
            late = self._watch(process, job, longest)
        finally:
            _kill(process)
        self._settle(job, process.returncode, late=late, longest=longest)

    def _begin(self, job: Job) -> subprocess.Popen[bytes]:
        about = [str(self._layout.root), job.id, str(job.runs), str(os.getpid()), str(self._lock)]
        return subprocess.Popen(
            [sys.executable, "-m", "node.jobs.child", *about],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(self._lock,),
            start_new_session=True,
        )

    def _watch(self, process: subprocess.Popen[bytes], job: Job, longest: float) -> bool:
        """Wait until the process has ended or has to; returns whether its time was up."""
        begun, asked = time.monotonic(), time.monotonic()
        while process.poll() is None and not self._stopping.wait(_LOOK):
            now = time.monotonic()
            if longest and now - begun > longest:
                return True
            if now - asked > _ASK:
                asked = now
                with suppress(NodeError):  # the disk may be full for a while; it is asked again
                    if self._store.find(job.id).cancelling:
                        return False
        return False

    def _settle(self, job: Job, code: int, *, late: bool, longest: float) -> None:
        """Say what became of a job whose process did not; where it did, nothing is changed."""
        now = time.time()
        if late:
            text = f"It ran longer than {longest / 3600:g} h (jobs.longest_hours in node.toml) and was ended."
            self._store.change(job.id, lambda j: rules.failed(j, text, now, 0, lasting=True), job.runs)
        elif self._stopping.is_set():
            self._store.change(job.id, lambda j: rules.orphaned(j, now), job.runs)
        else:
            text = f"Its process ended without a word ({_told(code)}); the node's log may say more."
            self._store.change(job.id, lambda j: rules.failed(j, text, now, 60, lasting=False), job.runs)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _told(code: int) -> str:
    if code >= 0:
        return f"status {code}"
    with suppress(ValueError):
        return signal.Signals(-code).name
    return f"signal {-code}"
