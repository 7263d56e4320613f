"""One run of a job: what its kind is given, and what it says, taken down for whoever looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from hashstore.canonical import Json
from node.jobs.kinds import Parameters
from node.jobs.model import Job, Progress
from node.jobs.rules import effect_key
from node.jobs.store import JobStore
from node.layout import Layout

if TYPE_CHECKING:
    from node.compose import Node
    from node.track.model import Bar

_EVERY = 1.0  # seconds between two writings of progress; each is a write to the disk


class RunningTask:
    """A job that runs in this process."""

    def __init__(self, layout: Layout, store: JobStore, job: Job, clock: Callable[[], float]) -> None:
        """Begins nothing.

        Args:
            layout: The node's files.
            store: Where the job is kept.
            job: The job as it was begun.
            clock: Seconds, never going back.
        """
        self._layout = layout
        self._store = store
        self._job = job
        self._clock = clock
        self._notes = job.notes
        self._progress = Progress()
        self._told = float("-inf")
        self.counts: Counter[str] = Counter()

    @cached_property
    def node(self) -> Node:
        """The node; when it has to wait for another process, it says so."""
        from node.compose import open_node
        from node.track.model import WAITING

        return replace(open_node(self._layout), waits=lambda: self.say(WAITING))

    @property
    def parameters(self) -> Parameters:
        """What was asked for."""
        return self._job.parameters

    @property
    def job(self) -> str:
        """The job's id."""
        return self._job.id

    @property
    def key(self) -> str:
        """A UUID for the one effect that this job may have."""
        return effect_key(self._job)

    @property
    def notes(self) -> Mapping[str, Json]:
        """What `remember` was told in this or an earlier run."""
        return self._notes

    def remember(self, notes: Mapping[str, Json]) -> None:
        """Keep notes for the next run, durably, in place of those before."""
        self._store.change(self._job.id, lambda job: replace(job, notes=notes), self._job.runs)
        self._notes = notes

    def say(self, text: str) -> None:
        """A sentence for whoever looks at the job now."""
        self._tell(replace(self._progress, label=text), at_once=True)

    @contextmanager
    def phase(self, label: str, total: int | None) -> Iterator[Bar]:
        """Show how far a part of the work has come."""
        self._tell(Progress(label, 0, total), at_once=True)
        yield _Bar(self)
        self._tell(self._progress, at_once=True)

    def item(self, kind: str, fields: Mapping[str, object]) -> None:
        """One thing that is done and durable."""
        self.counts[kind] += 1

    def moved(self, steps: int) -> None:
        """Move the progress on."""
        self._tell(replace(self._progress, done=self._progress.done + steps))

    def resized(self, total: int | None) -> None:
        """Say how many steps there are in all."""
        self._tell(replace(self._progress, total=total))

    def _tell(self, progress: Progress, *, at_once: bool = False) -> None:
        self._progress = progress
        now = self._clock()
        if at_once or now - self._told >= _EVERY:
            self._store.tell_progress(self._job.id, self._job.runs, progress)
            self._told = now


class _Bar:
    def __init__(self, task: RunningTask) -> None:
        self._task = task

    def advance(self, steps: int = 1) -> None:
        """Move on by so many steps."""
        self._task.moved(steps)

    def resize(self, total: int | None) -> None:
        """Say how many steps there are in all."""
        self._task.resized(total)
