"""A pipeline that is ready to run: each step with its analyzer, parameters and models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzers.description import Description
from analyzers.pipeline.document import Pipeline, Step, with_parameters
from analyzers.pipeline.graph import Checked, check_pipeline
from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from node.analysis.errors import AnalysisError
from node.analysis.installed import usable_analyzer
from node.analysis.plan import Plan, make_plan
from node.compose import Node

Settings = Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True)
class ReadyStep:
    """One step.

    Attributes:
        step: As the file says it.
        plan: Its analyzer.
        after: The number of the step that it takes from; None where it reads the images.
        work: Steps of one analyzer with the same parameters are one work, and sign one run.
    """

    step: Step
    plan: Plan
    after: int | None
    work: Digest


@dataclass(frozen=True)
class ReadyPipeline:
    """All of them.

    Attributes:
        pipeline: As its file says it.
        steps: Each after the one that it takes from.
        settings: Parameters that are others than the file says, by step.
    """

    pipeline: Pipeline
    steps: tuple[ReadyStep, ...]
    settings: Settings

    @property
    def settings_data(self) -> bytes | None:
        """The settings as a blob; None without any."""
        plain: dict[str, Json] = {step: dict(given) for step, given in self.settings.items()}
        return canonical_json(plain) if plain else None

    @property
    def works(self) -> Mapping[Digest, tuple[int, ...]]:
        """The numbers of the steps of each work."""
        found: dict[Digest, tuple[int, ...]] = {}
        for number, step in enumerate(self.steps):
            found[step.work] = (*found.get(step.work, ()), number)
        return found


def make_ready(node: Node, pipeline: Pipeline, settings: Settings) -> ReadyPipeline:
    """Check a pipeline, and make its analyzers ready.

    Raises:
        PipelineRefused: It cannot be run here; all that is wrong is told.
        AnalysisError: A model is missing, or a setting names no step.
    """
    names = {step.name for step in pipeline.steps}
    if strange := sorted(set(settings) - names):
        raise AnalysisError(f"{pipeline.file} has no step {strange[0]!r}; it has {', '.join(sorted(names))}.")
    checked = check_here(node, with_parameters(pipeline, settings))
    numbers = {one.step.name: number for number, one in enumerate(checked.steps)}
    steps = []
    for one in checked.steps:
        plan = make_plan(node, one.step.analyzer, one.parameters)
        after = numbers[one.step.taken.step] if one.step.taken else None
        work = Digest.of(plan.identity.digest.raw + plan.parameters_digest.raw)
        steps.append(ReadyStep(one.step, plan, after, work))
    return ReadyPipeline(checked.pipeline, tuple(steps), settings)


def check_here(node: Node | None, pipeline: Pipeline) -> Checked:
    """Check a pipeline against the analyzers of a node, or those that are installed where there is none.

    Raises:
        PipelineRefused: It cannot be run here; all that is wrong is told.
    """
    from analyzers.registry import find_analyzer

    def describe(name: str) -> Description:
        return usable_analyzer(node, name).description if node else find_analyzer(name).description

    return check_pipeline(pipeline, describe)
