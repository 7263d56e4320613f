"""A job as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hashstore.canonical import Json

NODE_USER = "node"
"""Whose jobs the node makes by itself, such as notices; they wait for nobody else's."""

OPERATOR = "operator"


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come.

    Attributes:
        label: What it is at; empty before it says so.
        done: Steps of that.
        total: Steps in all; None if nobody knows.
    """

    label: str = ""
    done: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One job. Times are seconds since 1970 in UTC.

    Attributes:
        id: UUID.
        number: What people call it; counts up from 1.
        kind: What is done, by the name of its kind.
        parameters: With what, as the kind has checked it.
        user: For whom.
        key: What makes it the same job when it is submitted twice; None if nothing does.
        state: Where it stands.
        submitted: When it was.
        due: Not to be begun before.
        expires: If it was never begun by then, it never will; None for no end.
        attempts: It has failed for good after so many failures.
        failures: How often it has failed so far.
        runs: How often it was begun; whatever a run writes names the run, so a dead one's words are void.
        started: When it was begun last.
        ended: When it ended.
        cancelling: Somebody wants it to stop.
        progress: How far it has come.
        notes: What its kind wants to know when it is run again.
        result: What came of it, once it is done.
        error: Why it failed last, or what it waits for.
    """

    id: str
    number: int
    kind: str
    parameters: Mapping[str, Json]
    user: str
    submitted: float
    due: float
    attempts: int
    key: str | None = None
    state: State = State.QUEUED
    expires: float | None = None
    failures: int = 0
    runs: int = 0
    started: float | None = None
    ended: float | None = None
    cancelling: bool = False
    progress: Progress = field(default_factory=Progress)
    notes: Mapping[str, Json] = field(default_factory=dict)
    result: Mapping[str, Json] | None = None
    error: str | None = None
