"""Jobs that the node gives itself: those who watch are told of news, new analyzers read what is there."""

from __future__ import annotations

import time
from pathlib import Path

from node.jobs.model import NODE_USER, State
from node.jobs.store import JobStore
from node.layout import Layout

_ATTEMPTS = 5


class News:
    """Looks at the checkpoints, and submits the job that looks at what is watched."""

    def __init__(self, layout: Layout, store: JobStore) -> None:
        self._layout = layout
        self._store = store
        self._seen: dict[Path, int] | None = None

    def look(self) -> None:
        """Submit that job if a log has grown since the last look, and anything is watched.

        What was seen is only remembered here, so a worker that begins anew looks at all of it once.
        """
        if not self._layout.notices.exists():
            return
        states = _states(self._layout)
        if states == self._seen:
            return
        queued = self._store.listed(frozenset({State.QUEUED}), 10_000)
        if not any(job.kind == "watch" and job.runs == 0 for job in queued):
            self._store.submit("watch", {}, NODE_USER, time.time(), attempts=_ATTEMPTS)
        self._seen = states


def submit_back_fill(store: JobStore) -> None:
    """Submit the job by which new analyzers read what they have not seen, unless one waits already.

    Analyzers are what is installed when a process begins, so a beginning is when there may be new ones.
    """
    queued = store.listed(frozenset({State.QUEUED}), 10_000)
    if not any(job.kind == "back-fill" and not job.parameters["analyzer"] for job in queued):
        store.submit("back-fill", {"analyzer": ""}, NODE_USER, time.time(), attempts=_ATTEMPTS)


def _states(layout: Layout) -> dict[Path, int]:
    """When each checkpoint, and what is known of the followed logs, was last replaced."""
    paths = [layout.log / "checkpoint", layout.peers, *layout.root.glob("mirror/*/checkpoint")]
    return {path: path.stat().st_mtime_ns for path in paths if path.exists()}
