"""What a kind of job does: take its parameters, run, and be able to be killed and run again at any moment.

A kind has no state. It is registered under `vasculum.jobs`, or stands in this folder. Whoever runs it gives
it a `Task`, which is the only way in which it may speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from hashstore.canonical import Json

if TYPE_CHECKING:  # a kind that needs no node does not wait for it to be imported
    from node.compose import Node
    from node.track.model import Bar

Parameters: TypeAlias = Mapping[str, Json]
"""What a job was submitted with, checked: every parameter of its kind has a value."""


class Resumes(StrEnum):
    """How a kind goes on after it was killed, and why nothing happens twice."""

    CONTINUES = "continues"
    """What was done is seen as done: only the rest is done."""
    REPEATS = "repeats"
    """It begins anew; it changes nothing, so that nobody can tell."""
    KEYED = "keyed"
    """Its effect carries `Task.key`: it looks whether that is there already."""
    RECEIVER = "receiver"
    """Its effect is another's, who is told the same name each time and drops what comes twice."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter.

    Attributes:
        name: In camel case, as in the rest of our JSON.
        about: What it says, for a person.
        type: `str`, `int` or `bool`.
        default: Its value if none is given; a parameter without one has to be given.
        over_http: The one value that it has over HTTP; None if it can be chosen there too.
    """

    name: str
    about: str
    type: type[str] | type[int] | type[bool] = str
    default: Json = None
    needed: bool = False
    over_http: Json = None


class Task(Protocol):
    """One run of a job, as its kind sees it."""

    @property
    def node(self) -> Node:
        """The node, opened when it is first asked for."""

    @property
    def parameters(self) -> Parameters:
        """What was asked for."""

    @property
    def job(self) -> str:
        """The job's id."""

    @property
    def key(self) -> str:
        """A UUID for the one effect that this job may have; the same in each run until the job fails."""

    @property
    def notes(self) -> Mapping[str, Json]:
        """What `remember` was told in this or an earlier run."""

    def remember(self, notes: Mapping[str, Json]) -> None:
        """Keep notes for the next run, durably, in place of those before."""

    def say(self, text: str) -> None:
        """A sentence for whoever looks at the job now."""

    def phase(self, label: str, total: int | None) -> AbstractContextManager[Bar]:
        """Show how far a part of the work has come."""

    def item(self, kind: str, fields: Mapping[str, object]) -> None:
        """One thing that is done and durable; a job only counts them in its result."""


@runtime_checkable
class JobKind(Protocol):
    """A kind of job.

    Attributes:
        name: What it is called on the command line and in the API.
        about: What it does, in a sentence.
        parameters: What it takes.
        remote: Whether it may be submitted over HTTP.
        internal: Whether only the node itself submits it.
        resumes: How it goes on after it was killed.
    """

    name: str
    about: str
    parameters: tuple[Parameter, ...]
    remote: bool
    internal: bool
    resumes: Resumes

    def check(self, parameters: Parameters, *, remote: bool) -> None:
        """Refuse what can never work, beyond types and names.

        Args:
            parameters: Each with a value of its type.
            remote: Whether they came over HTTP.

        Raises:
            JobRefused: naming the parameter.
        """

    def run(self, task: Task) -> Mapping[str, Json]:
        """Do the work; returns what came of it.

        Raises:
            JobRefused: trying again would not help.
            NodeBusy: something else has to end first; the job waits and does not count as failed.
            Exception: anything else; the job is tried again later, as often as it may.
        """
