"""Jobs in SQLite: the truth about them. Whatever queues and runs them may be lost at any moment."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hashstore.canonical import Json, canonical_json
from node.errors import JobError, NotFound, TooManyJobs
from node.jobs.model import Job, Progress, State
from node.small_database import SmallDatabase

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    parameters TEXT NOT NULL, user TEXT NOT NULL, key TEXT UNIQUE, state TEXT NOT NULL,
    submitted REAL NOT NULL, due REAL NOT NULL, expires REAL, attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL, runs INTEGER NOT NULL, started REAL, ended REAL, cancelling INTEGER NOT NULL,
    label TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER, notes TEXT NOT NULL, result TEXT, error TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS job_state ON job (state, number);
"""
_ADVICE = (
    "It holds the jobs of this node: restore it from a backup, or move it away; then jobs that have not "
    "ended have to be submitted again."
)
_COLUMNS = (
    "id", "kind", "parameters", "user", "key", "state", "submitted", "due", "expires", "attempts", "failures",
    "runs", "started", "ended", "cancelling", "label", "done", "total", "notes", "result", "error",
)  # fmt: skip
_ALL = f"SELECT number, {', '.join(_COLUMNS)} FROM job"
_UNENDED = "('queued', 'running')"


class JobStore:
    """The jobs of one node. Each call is a transaction, durable when it returns, for any process."""

    def __init__(self, path: Path) -> None:
        self._database = SmallDatabase(path, _SCHEMA, JobError, _ADVICE, private=True)

    def submit(
        self, kind: str, parameters: Mapping[str, Json], user: str, now: float, *, attempts: int,
        most: int | None = None, key: str | None = None, due: float | None = None,
        expires: float | None = None,
    ) -> Job:  # fmt: skip
        """Queue a job; one whose key is known is not queued again.

        Args:
            kind: The name of its kind.
            parameters: Checked by the kind.
            user: For whom.
            now: The time.
            attempts: How often it is tried.
            most: So many jobs that have not ended may one user have; None for no limit.
            key: Makes it the same job when it is submitted twice.
            due: Not to be begun before; None for now.
            expires: Not to be begun after; None for no end.

        Returns:
            The job, or the one that was submitted with that key before, whatever has become of it.

        Raises:
            TooManyJobs: the user has `most` of them.
        """
        with self._database.transaction() as db:
            known = None if key is None else _one(db, f"{_ALL} WHERE key = ?", [key])
            if known is not None:
                return known
            query = f"SELECT count(*) FROM job WHERE user = ? AND state IN {_UNENDED}"
            if most is not None and db.execute(query, [user]).fetchone()[0] >= most:
                raise TooManyJobs(
                    f"{user} has {most:,} jobs that have not ended, which is as many as a user may have. "
                    "Wait for some to end, cancel some, or raise jobs.waiting_per_user in node.toml."
                )
            job = Job(
                str(uuid.uuid4()), 0, kind, parameters, user, now, due or now, attempts, key, expires=expires
            )
            marks = ", ".join("?" * len(_COLUMNS))
            db.execute(f"INSERT INTO job ({', '.join(_COLUMNS)}) VALUES ({marks})", _values(job))
            return _found(db, job.id)

    def find(self, text: str) -> Job:
        """The job that a person means: by its number, or by its id or the beginning of it.

        Raises:
            NotFound: there is none, or several.
        """
        with self._database.reading() as ask:
            rows = []
            if text.isascii() and text.isdecimal() and len(text) < 18:
                rows = ask(f"{_ALL} WHERE number = ?", [int(text)])
            if not rows and len(text) >= 8:  # an id may begin with digits alone
                rows = ask(f"{_ALL} WHERE substr(id, 1, ?) = ? LIMIT 2", [len(text), text.lower()])
        if len(rows) != 1:
            raise NotFound(f"There is no job {text!r}; `vasculum jobs ls --all` lists them.")
        return _job(rows[0])

    def listed(self, states: frozenset[State], most: int) -> list[Job]:
        """The newest jobs in some states, the newest first."""
        marks = ", ".join("?" * len(states))
        query = f"{_ALL} WHERE state IN ({marks}) ORDER BY number DESC LIMIT ?"
        return [_job(row) for row in self._database.rows(query, [*sorted(states), most])]

    def unended(self) -> list[Job]:
        """All jobs that wait or run, the oldest first."""
        return [_job(row) for row in self._database.rows(f"{_ALL} WHERE state IN {_UNENDED} ORDER BY number")]

    def change(self, id: str, rule: Callable[[Job], Job], run: int | None = None) -> Job:
        """Let a rule decide about a job as it is, and keep what it decides.

        Args:
            id: The job.
            rule: Of `node.jobs.rules`; what it raises leaves the job as it is.
            run: The run that asks; if another has begun, or the job runs no more, nothing is changed.

        Raises:
            NotFound: there is no such job.
        """
        with self._database.transaction() as db:
            before = _found(db, id)
            if run is not None and not (before.runs == run and before.state is State.RUNNING):
                return before
            after = rule(before)
            if after != before:
                setting = ", ".join(f"{name} = ?" for name in _COLUMNS)
                db.execute(f"UPDATE job SET {setting} WHERE id = ?", [*_values(after), id])
            return after

    def tell_progress(self, id: str, run: int, progress: Progress) -> None:
        """Take down how far a run has come."""
        self._database.change(
            "UPDATE job SET label = ?, done = ?, total = ? WHERE id = ? AND runs = ? AND state = 'running'",
            [progress.label, progress.done, progress.total, id, run],
        )

    def forget(self, before: float) -> int:
        """Forget the jobs that ended before a time; returns how many those were."""
        with self._database.transaction() as db:
            return db.execute("DELETE FROM job WHERE ended < ?", [before]).rowcount


def _found(db: sqlite3.Connection, id: str) -> Job:
    job = _one(db, f"{_ALL} WHERE id = ?", [id])
    if job is None:
        raise NotFound(f"There is no job {id}; `vasculum jobs ls --all` lists them.")
    return job


def _one(db: sqlite3.Connection, query: str, values: list[Any]) -> Job | None:
    row = db.execute(query, values).fetchone()
    return None if row is None else _job(row)


def _values(job: Job) -> list[Any]:
    result = None if job.result is None else _text(job.result)
    return [
        job.id, job.kind, _text(job.parameters), job.user, job.key, job.state, job.submitted, job.due,
        job.expires, job.attempts, job.failures, job.runs, job.started, job.ended, int(job.cancelling),
        job.progress.label, job.progress.done, job.progress.total, _text(job.notes), result, job.error,
    ]  # fmt: skip


def _job(row: tuple[Any, ...]) -> Job:
    values = dict(zip(("number", *_COLUMNS), row, strict=True))
    progress = Progress(values.pop("label"), values.pop("done"), values.pop("total"))
    for name in ("parameters", "notes", "result"):
        with suppress(TypeError):  # a job without a result
            values[name] = json.loads(values[name])
    state, cancelling = State(values.pop("state")), bool(values.pop("cancelling"))
    return Job(**values, state=state, cancelling=cancelling, progress=progress)


def _text(values: Mapping[str, Json]) -> str:
    return canonical_json(dict(values)).decode()
