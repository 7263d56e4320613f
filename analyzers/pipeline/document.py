"""A pipeline as its file says it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from analyzers.pipeline.errors import Fault, PipelineRefused
from analyzers.pipeline.source import Place, Source, Unreadable, read_source
from hashstore.canonical import Json
from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Selection:
    """What a step takes of an earlier one.

    Attributes:
        step: The earlier step.
        pictures: Whether pictures that it made are read; else regions that it found.
        kinds: Of the findings; empty for any.
        terms: IRIs; empty for any.
        least: The least confidence, as a plain decimal; None where it does not matter.
    """

    step: str
    pictures: bool
    kinds: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    least: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: Its name in the file.
        analyzer: The analyzer's name.
        version: The analyzer's version.
        parameters: Those given; defaults are the analyzer's.
        taken: What it takes of an earlier step; None where it reads the images themselves.
    """

    name: str
    analyzer: str
    version: str
    parameters: Mapping[str, Json]
    taken: Selection | None = None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline.

    Attributes:
        file: The name of its file, for messages.
        data: The file's bytes.
        name: Its name.
        about: What it is for.
        steps: In the order of the file.
        source: In which line what stands.
    """

    file: str
    data: bytes
    name: str
    about: str
    steps: tuple[Step, ...]
    source: Source

    @property
    def digest(self) -> Digest:
        """What names it: SHA-256 of the file."""
        return Digest.of(self.data)

    def fault(self, step: Step, words: str, *place: str | int) -> Fault:
        """Something wrong with a step, in the line of one of its members."""
        return Fault(self.source.line(("steps", step.name, *place)), words, step.name)


@cache
def schema() -> Mapping[str, Any]:
    """The JSON Schema of pipelines."""
    found: Mapping[str, Any] = json.loads(Path(__file__).with_name("pipeline.schema.json").read_text("utf-8"))
    return found


def read_pipeline(data: bytes, file: str) -> Pipeline:
    """Read a pipeline; whether its steps fit together is not judged here.

    Args:
        data: The file's bytes.
        file: Its name, for messages.

    Raises:
        PipelineRefused: It is no YAML, or not as the schema wants it.
    """
    try:
        source = read_source(data)
    except Unreadable as error:
        raise PipelineRefused(file, [error.fault]) from None
    if faults := list(_faults(source)):
        raise PipelineRefused(file, faults)
    document: Any = source.value
    steps = tuple(_step(name, body) for name, body in document["steps"].items())
    return Pipeline(file, data, document["name"], document["about"], steps, source)


def _faults(source: Source) -> Iterator[Fault]:
    from jsonschema import Draft202012Validator

    for error in Draft202012Validator(schema()).iter_errors(source.value):
        place: Place = tuple(error.absolute_path)
        step = str(place[1]) if len(place) > 1 and place[0] == "steps" else None
        words = f"{'.'.join(map(str, place)) or 'the file'}: {error.message[:300]}"
        yield Fault(source.line((*place, *_unexpected(error))), words, step)


def _unexpected(error: Any) -> Place:
    """The first member that the schema does not know, so that its own line is told."""
    if error.validator != "additionalProperties" or error.validator_value is not False:
        return ()
    known = error.schema["properties"]
    return next(((name,) for name in error.instance if name not in known), ())


def _step(name: str, body: Mapping[str, Any]) -> Step:
    analyzer, _, version = body["run"].partition("@")
    taken = [_selection(body[way], way == "pictures") for way in ("regions", "pictures") if way in body]
    return Step(name, analyzer, version, body.get("parameters", {}), taken[0] if taken else None)


def _selection(body: Mapping[str, Any], pictures: bool) -> Selection:
    least = body.get("least")
    return Selection(
        body["from"],
        pictures,
        _texts(body.get("kind")),
        _texts(body.get("term")),
        str(least) if least is not None else None,
    )


def _texts(value: str | list[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def with_parameters(pipeline: Pipeline, settings: Mapping[str, Mapping[str, Json]]) -> Pipeline:
    """The same pipeline, some parameters of its steps being others than the file says.

    Args:
        pipeline: The pipeline.
        settings: Parameters by step; each step must be there.
    """
    steps = (
        replace(step, parameters={**step.parameters, **settings.get(step.name, {})})
        for step in pipeline.steps
    )
    return replace(pipeline, steps=tuple(steps))
