"""Which kinds of job there are: those built in, and those that installed packages bring along."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from hashstore.canonical import Json
from node.errors import JobError, JobRefused
from node.jobs.kinds.interface import JobKind, Parameter

GROUP = "vasculum.jobs"
# Each module holds its kind under the name KIND. They need no entry point, so a source tree works as it is.
BUILT_IN = {
    "sync": "sync",
    "track": "track",
    "mirror": "mirror",
    "verify": "verify",
    "audit": "audit",
    "analyze": "analyze",
    "back-fill": "back_fill",
    "dataset-refresh": "dataset_refresh",
    "dataset-export": "dataset_export",
    "watch": "watch",
    "webhook": "webhook",
    "mail": "mail",
}


@lru_cache(maxsize=1)
def plugged() -> Mapping[str, EntryPoint]:
    """The kinds of installed packages, by name; none of them is loaded yet."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def kind_names() -> tuple[str, ...]:
    """The names of all kinds."""
    return (*BUILT_IN, *(name for name in sorted(plugged()) if name not in BUILT_IN))


def kind_of(name: str) -> JobKind:
    """A kind by its name; nothing else is imported for it.

    Raises:
        JobRefused: there is none of that name.
        JobError: a plug-in cannot be loaded, or is no kind of job.
    """
    if name in BUILT_IN:
        return _checked(name, import_module(f"node.jobs.kinds.{BUILT_IN[name]}").KIND)
    if name not in plugged():
        raise JobRefused(f"There is no kind of job {name!r}; there are {', '.join(kind_names())}.")
    try:
        return _checked(name, plugged()[name].load())
    except Exception as error:  # a stranger's module may raise anything while it is imported
        raise JobError(
            f"The kind of job {name!r} ({plugged()[name].value}) cannot be loaded: {error}"
        ) from error


def checked_parameters(kind: JobKind, given: Mapping[str, Json], *, remote: bool = False) -> dict[str, Json]:
    """The parameters of a job with a value for each, as its kind takes them.

    Args:
        kind: Its kind.
        given: As they were submitted.
        remote: Whether over HTTP.

    Raises:
        JobRefused: naming the parameter that is unknown, missing or of another type.
    """
    known = {parameter.name: parameter for parameter in kind.parameters}
    if strange := [name for name in given if name not in known]:
        told = ", ".join(known) or "none"
        raise JobRefused(f"{kind.name} has no parameter {strange[0]!r}; it has {told}.")
    values = {name: _value(kind.name, parameter, given.get(name)) for name, parameter in known.items()}
    if remote:
        values |= _over_http(kind, given)
    kind.check(values, remote=remote)
    return values


def _over_http(kind: JobKind, given: Mapping[str, Json]) -> dict[str, Json]:
    fixed: dict[str, Json] = {p.name: p.over_http for p in kind.parameters if p.over_http is not None}
    for name, value in fixed.items():
        if given.get(name) not in (None, value):
            raise JobRefused(f"{kind.name}: over HTTP, {name!r} stays {json.dumps(value)}.")
    return fixed


def _value(kind: str, parameter: Parameter, given: Json) -> Json:
    if given is None:
        if parameter.needed:
            raise JobRefused(f"{kind} needs {parameter.name!r}: {parameter.about}")
        return parameter.default
    if type(given) is not parameter.type:
        words = {str: "a text", int: "a whole number", bool: "true or false"}
        raise JobRefused(f"{kind}: {parameter.name!r} must be {words[parameter.type]}, not {given!r}.")
    if isinstance(given, str) and not (given and given.isprintable() and len(given) <= 65_536):
        raise JobRefused(f"{kind}: {parameter.name!r} must be text on one line, and not empty.")
    return given


def _checked(name: str, kind: object) -> JobKind:
    if not isinstance(kind, JobKind) or kind.name != name:
        raise JobError(
            f"{name} is no kind of job: it lacks one of name, about, parameters, remote, internal, resumes, "
            "check, run, or has another name"
        )
    return kind
