"""Whether the steps of a pipeline fit together, and the order in which they are run. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TypeAlias

from analyzers.description import Description, InputKind
from analyzers.errors import AnalyzerError, UnsuitableParameters
from analyzers.parameters import whole_parameters
from analyzers.pipeline.document import Pipeline, Selection, Step
from analyzers.pipeline.errors import Fault, PipelineRefused
from hashstore.canonical import Json

Describe: TypeAlias = Callable[[str], Description]
_MAKER = "crop"  # what it says is of no use but to a step that reads its pictures


@dataclass(frozen=True)
class CheckedStep:
    """A step that can be run.

    Attributes:
        step: As the file says it.
        description: What its analyzer declares.
        parameters: With the analyzer's defaults.
    """

    step: Step
    description: Description
    parameters: Mapping[str, Json]


@dataclass(frozen=True)
class Checked:
    """A pipeline that can be run.

    Attributes:
        pipeline: As its file says it.
        steps: Each after the one that it takes from.
        notes: What is allowed, and hardly meant.
    """

    pipeline: Pipeline
    steps: tuple[CheckedStep, ...]
    notes: tuple[Fault, ...]


def check_pipeline(pipeline: Pipeline, describe: Describe) -> Checked:
    """Check a pipeline against itself and against the analyzers that are here.

    Args:
        pipeline: What a file says.
        describe: What the analyzer of a name declares; raises `AnalyzerError` if there is none.

    Raises:
        PipelineRefused: Steps are missing, in a circle, or do not fit; all that is wrong is told.
    """
    steps = {step.name: step for step in pipeline.steps}
    faults = [*_unlinked(pipeline, steps)]
    known: dict[str, CheckedStep] = {}
    for step in pipeline.steps:
        checked = _checked(pipeline, step, describe, faults)
        if checked is not None:
            known[step.name] = checked
    for one in known.values():
        faults += _misfits(pipeline, one, known)
    if faults:
        raise PipelineRefused(pipeline.file, faults)
    ordered = sorted(known.values(), key=lambda one: _depth(one.step, steps))
    return Checked(pipeline, tuple(ordered), tuple(_unused(pipeline)))


def _depth(step: Step, steps: Mapping[str, Step]) -> int:
    return 0 if step.taken is None else 1 + _depth(steps[step.taken.step], steps)


def _unlinked(pipeline: Pipeline, steps: Mapping[str, Step]) -> Iterator[Fault]:
    for step in pipeline.steps:
        if step.taken is None:
            continue
        if step.taken.step not in steps:
            words = f"there is no step {step.taken.step!r}{_near(step.taken.step, steps)}"
            yield pipeline.fault(step, words, _way(step.taken), "from")
        elif circle := _circle(step, steps):
            words = f"it waits for itself: {' from '.join(circle)}"
            yield pipeline.fault(step, words, _way(step.taken), "from")


def _circle(step: Step, steps: Mapping[str, Step]) -> list[str] | None:
    """The way from a step back to itself; of a circle, only those are told that are in it."""
    way, at = [step.name], step
    while at.taken is not None and at.taken.step in steps:
        at = steps[at.taken.step]
        if at.name == step.name:
            return [*way, at.name]
        if at.name in way:
            return None
        way.append(at.name)
    return None


def _checked(pipeline: Pipeline, step: Step, describe: Describe, faults: list[Fault]) -> CheckedStep | None:
    ways = [pipeline.source.lines.get(("steps", step.name, way)) for way in ("regions", "pictures")]
    if None not in ways:
        words = "a step reads regions or pictures, not both"
        faults.append(pipeline.fault(step, words, "pictures"))
    try:
        found = describe(step.analyzer)
    except AnalyzerError as error:
        faults.append(pipeline.fault(step, str(error), "run"))
        return None
    if found.version != step.version:
        words = f"{found.name}@{found.version} is installed here, not version {step.version}"
        faults.append(pipeline.fault(step, words, "run"))
    try:
        return CheckedStep(step, found, whole_parameters(found, step.parameters))
    except UnsuitableParameters as error:
        faults.append(pipeline.fault(step, str(error), "parameters"))
        return CheckedStep(step, found, {})


def _misfits(pipeline: Pipeline, one: CheckedStep, known: Mapping[str, CheckedStep]) -> Iterator[Fault]:
    """Where a step takes what the one before does not give, or its analyzer does not read."""
    taken, found = one.step.taken, one.description
    wanted = InputKind.REGION if taken is not None and not taken.pictures else InputKind.IMAGE
    if wanted not in found.inputs:
        words = f"{found.name} does not read {wanted.value}s"
        yield pipeline.fault(one.step, words, _way(taken) if taken else "run")
    if taken is None or taken.step not in known:
        return
    giving = known[taken.step].description
    for kind in taken.kinds:
        if kind not in giving.kinds:
            words = (
                f"{taken.step} ({giving.name}) says nothing of the kind {kind!r}{_near(kind, giving.kinds)}"
                f" It says: {', '.join(giving.kinds)}."
            )
            yield pipeline.fault(one.step, words, _way(taken), "kind")


def _unused(pipeline: Pipeline) -> Iterator[Fault]:
    taken = {step.taken.step for step in pipeline.steps if step.taken is not None and step.taken.pictures}
    for step in pipeline.steps:
        if step.analyzer == _MAKER and step.name not in taken:
            yield pipeline.fault(step, "no step reads the pictures that it makes", "run")


def _way(taken: Selection) -> str:
    return "pictures" if taken.pictures else "regions"


def _near(name: str, names: Mapping[str, object]) -> str:
    near = get_close_matches(name, names, 1)
    return f"; is {near[0]!r} meant?" if near else "."
