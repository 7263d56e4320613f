"""From the results of one step to the inputs of the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from analyzers.output import Input
from analyzers.pipeline.document import Selection
from analyzers.pipeline.select import input_of
from hashstore.digest import Digest
from node.analysis.pipeline.inputs import BATCH, Inputs
from node.analysis.pipeline.known import findings_in_logs, known_among
from node.analysis.pipeline.ready import ReadyPipeline, ReadyStep
from node.analysis.pipeline.work import Works
from node.analysis.spool import Spool
from node.index import Index
from node.look.access import public_among

Found = tuple[Input, Input]  # what was read, and what is to be read because of it


def gather(
    index: Index, ready: ReadyPipeline, number: int, images: Iterable[Digest], inputs: Inputs, works: Works
) -> None:
    """Work out what a step reads; those before it have been worked out, and run.

    Args:
        index: The open index.
        ready: The pipeline.
        number: Which of its steps.
        images: The images that it is run over, all of them public.
        inputs: Where inputs are kept.
        works: Results that stand in no log yet.
    """
    step = ready.steps[number]
    taken = step.step.taken
    if step.after is None or taken is None:
        waiting = iter(images)
        while batch := [Input(one) for one in islice(waiting, BATCH)]:
            _add(index, step, number, batch, inputs)
        return
    before = ready.steps[step.after]
    for part in inputs.batches(step.after):
        found = list(_selected(index, before, part, works.spool(before), taken))
        if taken.pictures:
            shown = public_among(index, {one.digest for _, one in found})
            found = [(origin, one) for origin, one in found if one.digest in shown]
            inputs.made(step.after, ((one.digest, origin) for origin, one in found))
        _add(index, step, number, [one for _, one in found], inputs)


def _add(index: Index, step: ReadyStep, number: int, batch: Sequence[Input], inputs: Inputs) -> None:
    known = known_among(index, step.plan, batch)
    inputs.add(number, ((one, one in known) for one in batch))
    inputs.came_from(number, {one.run for one in known.values()})


def _selected(
    index: Index, before: ReadyStep, part: Sequence[Input], spool: Spool, taken: Selection
) -> Iterator[Found]:
    known = known_among(index, before.plan, part)
    said = findings_in_logs(index, known)
    for origin in part:
        findings = said.get(origin, ()) if origin in known else _spooled(spool, origin)
        for finding in findings:
            wanted = input_of(taken, origin.digest, finding)
            if wanted is not None:
                yield origin, wanted


def _spooled(spool: Spool, origin: Input) -> Sequence[Mapping[str, Any]]:
    found = spool.result(origin)
    return [finding.document() for finding in found.findings] if found else []
