"""Run a pipeline: step by step over all images, what is known not again, and signed as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from analyzers.output import Failing, Failure, Input
from manifests.members import MemberList
from node.analysis.pipeline.gather import gather
from node.analysis.pipeline.inputs import Inputs
from node.analysis.pipeline.ready import ReadyPipeline, ReadyStep
from node.analysis.pipeline.scratch import Scratch, scratch_folder
from node.analysis.pipeline.sign import Signed, sign_pipeline
from node.analysis.pipeline.work import Works, opened_works
from node.analysis.run import Told, read_items
from node.compose import Node
from node.look.access import public_among

Telling = Callable[[str], AbstractContextManager[Told]]
Where = tuple[Executor | None, int]


@dataclass(frozen=True, slots=True)
class StepDone:
    """What one step came to.

    Attributes:
        name: Its name.
        analyzer: `name@version`.
        inputs: How many images, regions or pictures it had to read.
        before: How many of them had been read before, here or at a node that this one follows.
        failures: Those without result, and why.
    """

    name: str
    analyzer: str
    inputs: int
    before: int
    failures: tuple[Failure, ...]


@dataclass(slots=True)
class PipelineDone:
    """What a run came to.

    Attributes:
        members: How many images were asked for, and may be shown.
        steps: What each step came to.
        signed: Its statements; None if nothing new came of it.
    """

    members: int = 0
    steps: list[StepDone] = field(default_factory=list)
    signed: Signed | None = None


def run_pipeline(
    node: Node,
    ready: ReadyPipeline,
    members: MemberList,
    telling: Telling,
    executor: Executor | None = None,
    workers: int = 0,
) -> PipelineDone:
    """Run those steps over those images that were not run before, and sign the whole.

    Killed, it goes on from there when it is called again. Nothing is visible before all is.

    Args:
        node: The node.
        ready: The pipeline.
        members: Over which images.
        telling: For a step's name, who is told how it goes.
        executor: Where units are run; None for processes of this machine.
        workers: How many of those; 0 for one on each processor.
    """
    done = PipelineDone()
    with opened_works(node, ready) as works:
        with Inputs() as inputs:
            for number, step in enumerate(ready.steps):
                done.members = _gather(node, ready, number, members, inputs, works)
                with telling(step.step.name) as told:
                    failures = _read(node, ready, number, inputs, works, told, (executor, workers))
                done.steps.append(_done(step, number, inputs, failures))
        with node.writing(), Inputs() as inputs:
            # What was withdrawn, or came from another node, in the meantime.
            for number in range(len(ready.steps)):
                _gather(node, ready, number, members, inputs, works)
            with node.index() as index:
                shown = MemberList.of(public_among(index, members))
            done.signed = sign_pipeline(node, ready, shown, inputs, works)
        works.forget()
    return done


def _gather(
    node: Node, ready: ReadyPipeline, number: int, members: MemberList, inputs: Inputs, works: Works
) -> int:
    with node.index() as index:
        shown = sorted(public_among(index, members))
        gather(index, ready, number, shown, inputs, works)
    return len(shown)


def _read(
    node: Node,
    ready: ReadyPipeline,
    number: int,
    inputs: Inputs,
    works: Works,
    told: Told,
    where: Where,
) -> list[Failure]:
    step = ready.steps[number]
    spool = works.spool(step)
    with scratch_folder(node, step.work) as folder:
        scratch = Scratch(node, ready, inputs, works, folder)

        def wanted() -> Iterator[Input]:
            return (one for one in inputs.unread(number) if not spool.has(one.digest, one.region))

        count = sum(1 for _ in wanted())
        told.begin(count)
        missing = [Failure(one, Failing.MISSING, _WORDS) for one in wanted() if not scratch.has(one)]
        for failure in missing:
            told.failed(failure)
        if count == len(missing):
            return missing
        items = scratch.items(one for one in wanted() if scratch.has(one))
        return missing + read_items(step.plan, items, count - len(missing), spool, told, where)


_WORDS = "its bytes are not here; `vasculum fetch` them"


def _done(step: ReadyStep, number: int, inputs: Inputs, failures: list[Failure]) -> StepDone:
    before, unread = (inputs.count(number, known=known) for known in (True, False))
    analyzer = f"{step.step.analyzer}@{step.step.version}"
    return StepDone(step.step.name, analyzer, before + unread, before, tuple(failures))
