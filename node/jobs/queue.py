"""huey, as it is used here: a hand-over from the table of jobs to threads.

What it has dequeued it forgets, so a task of a killed process would be lost (spec/decisions); the table is
the truth, and this queue begins empty.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from node.errors import JobError

_NAME = "vasculum"
_POLL = 0.1  # seconds


class JobQueue:
    """The queue of one worker, and its threads."""

    def __init__(self, path: Path, run: Callable[[str, int], None], threads: int) -> None:
        """Makes the queue anew.

        Args:
            path: Its SQLite file.
            run: What is done with a job's id and the number of its run; called in a thread.
            threads: How many jobs run at a time.
        """
        from huey import SqliteHuey

        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        logging.getLogger("huey").setLevel(logging.WARNING)
        # Nothing in it has to survive: no fsync. JSON: a queue that unpickles is a way to run anything.
        self._huey = SqliteHuey(
            _NAME,
            filename=str(path),
            results=False,
            serializer=_JsonSerializer(),
            fsync=False,
            strict_fifo=True,
        )
        self._task = self._huey.task(name="run")(run)
        self._consumer = self._huey.create_consumer(
            workers=threads, periodic=False, initial_delay=_POLL, max_delay=_POLL, check_worker_health=False
        )

    def put(self, id: str, run: int) -> None:
        """Hand a job over.

        Raises:
            JobError: the queue cannot be written.
        """
        try:
            self._task(id, run)
        except sqlite3.Error as error:
            raise JobError(f"The queue of jobs cannot be written: {error}") from error

    @contextmanager
    def working(self) -> Iterator[None]:
        """Let the threads take what is put, as long as the block runs."""
        # Not `start`, which would take over this process's signals.
        for _, thread in self._consumer.worker_threads:
            thread.start()
        try:
            yield
        finally:
            self._consumer.stop_flag.set()

    def wait(self, seconds: float) -> bool:
        """Let the threads end, which take nothing more; returns whether they did in time."""
        self._consumer.stop_flag.set()
        until = time.monotonic() + seconds
        threads = [thread for _, thread in self._consumer.worker_threads]
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)


class _JsonSerializer:
    """Messages of huey as JSON: only what a task without dates and successors has."""

    def serialize(self, message: Any) -> bytes:
        return json.dumps({"id": message.id, "name": message.name, "args": message.args}).encode()

    def deserialize(self, data: bytes) -> Any:
        from huey.registry import Message

        values = json.loads(bytes(data))
        return Message(values["id"], values["name"], args=tuple(values["args"]), kwargs={}, retries=0)
