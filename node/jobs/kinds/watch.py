"""`watch`: look at what is watched, and let everybody be told who wants to be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from hashstore.canonical import Json
from node.jobs.kinds.interface import Parameters, Resumes, Task
from node.jobs.model import NODE_USER
from node.jobs.store import JobStore


class Watching:
    """Look at all watches."""

    name = "watch"
    about = "Look at what is watched, and submit a notice for each who is to be told."
    parameters = ()
    remote = False
    internal = True
    resumes = Resumes.KEYED

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Nothing to refuse."""

    def run(self, task: Task) -> Mapping[str, Json]:
        """Keep what is new as events, then submit a job for each event and subscriber, named by both."""
        from node.notices.store import NoticeStore
        from node.notices.watching import look

        node = task.node
        store, jobs = NoticeStore(node.layout.notices), JobStore(node.layout.jobs)
        with task.phase("Looking at what is watched", None):
            found = look(node, store, store.watches(), datetime.now(UTC))
        told = 0
        for event in store.untold():
            for subscriber in store.subscribers(event.watch):
                named: dict[str, Json] = {"event": event.id, "subscriber": subscriber.id}
                jobs.submit(
                    str(subscriber.channel), named, NODE_USER, time.time(),
                    attempts=node.config.webhooks.attempts, key=f"{event.id}/{subscriber.id}",
                )  # fmt: skip
                told += 1
            store.settle(event)
        return {"events": found.events, "notices": told, "trouble": found.trouble}


KIND = Watching()
