"""Sign a whole run: the runs of its steps and the statement over them come into the log together or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from analyzers.output import Output
from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.members import MemberList
from node.analysis.pipeline.inputs import Inputs
from node.analysis.pipeline.ready import ReadyPipeline
from node.analysis.pipeline.work import Works
from node.analysis.publish import WrittenRun, append_runs, write_run
from node.compose import Node
from node.publish import signed, staged
from provenance.statement import new_statement_id
from provenance.statement.kinds import PipelineRun, StepRun, Tally

# A step that reads some new images every day stands in as many runs; a statement has a limit.
MOST_RUNS = 1_000
_STANDS = """
SELECT 1 FROM own_statement WHERE kind = 'PipelineRun' AND (document->>'membersRoot') = ?
AND (document->'qualifiedAssociation'->>'hadPlan') = ?
AND (document->>'parameters') IS NOT DISTINCT FROM ? LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a run has put into the log.

    Attributes:
        statement: The statement over the whole.
        runs: Those of its analyzers, by work; none of one that had nothing to read.
        tallies: What came of them, by work.
    """

    statement: Digest
    runs: Mapping[Digest, Digest]
    tallies: Mapping[Digest, Tally]

    @property
    def tally(self) -> Tally:
        """What came of all of them."""
        return _sum(list(self.tallies.values()))


def sign_pipeline(
    node: Node, ready: ReadyPipeline, members: MemberList, inputs: Inputs, works: Works
) -> Signed | None:
    """Sign a run; None if nothing came of it that does not stand in the log.

    Args:
        node: The node; the caller holds its writer lock.
        ready: What was run.
        members: Over which images, all of them public.
        inputs: What each step reads, as the log is now.
        works: The results that stand in no log.
    """
    written = dict(_written(node, ready, inputs, works))
    if not written and _stands(node, ready, members):
        return None
    made_with = [ready.pipeline.data, members.data, *([ready.settings_data] if ready.settings_data else [])]
    sealed: list[Sealed] = [staged(node, data) for data in made_with]
    run = _run(node, ready, members, inputs, written, works.began)
    whole = signed(node, run.document())
    parts = list(written.values())
    append_runs(
        node,
        [*(one.statement for one in parts), whole],
        [*sealed, *(blob for one in parts for blob in one.sealed)],
    )
    return Signed(
        whole.digest,
        {work: one.statement.digest for work, one in written.items()},
        {work: one.run.tally for work, one in written.items()},
    )


def _written(
    node: Node, ready: ReadyPipeline, inputs: Inputs, works: Works
) -> Iterator[tuple[Digest, WrittenRun]]:
    """The run of each analyzer that has results to sign."""
    for work, steps in ready.works.items():
        step = ready.steps[steps[0]]
        spool = works.spool(step)

        def results(steps: Sequence[int] = steps, work: Digest = work) -> Iterator[Output]:
            found = (works.spools[work].result(one) for one in inputs.unread(*steps))
            return (one for one in found if one is not None)

        unread = sum(1 for _ in inputs.unread(*steps))
        having = sum(1 for one in inputs.unread(*steps) if spool.has(one.digest, one.region))
        if having:
            images = MemberList.of(one.digest for one in inputs.unread(*steps))
            yield work, write_run(node, step.plan, images, results(), unread - having, works.began)


def _stands(node: Node, ready: ReadyPipeline, members: MemberList) -> bool:
    """Whether the log says already that this was run over these images."""
    data = ready.settings_data
    settings = Digest.of(data).uri if data else None
    with node.index() as index:
        found = index.one(_STANDS, [members.root.uri, ready.pipeline.digest.uri, settings])
    return found is not None


def _run(
    node: Node,
    ready: ReadyPipeline,
    members: MemberList,
    inputs: Inputs,
    written: Mapping[Digest, WrittenRun],
    began: datetime,
) -> PipelineRun:
    data = ready.settings_data
    return PipelineRun(
        id=new_statement_id(),
        agent=node.identity.public,
        software=("vasculum", version("vasculum")),
        started=began,
        ended=datetime.now(UTC),
        plan=ready.pipeline.digest,
        name=ready.pipeline.name,
        parameters=Digest.of(data) if data else None,
        members=Digest.of(members.data),
        members_root=members.root,
        count=len(members),
        steps=tuple(_steps(ready, inputs, written)),
        generated=tuple(sorted({segment.digest for one in written.values() for segment in one.run.segments})),
        tally=_sum([one.run.tally for one in written.values()]),
    )


def _steps(ready: ReadyPipeline, inputs: Inputs, written: Mapping[Digest, WrittenRun]) -> Iterator[StepRun]:
    for number, step in enumerate(ready.steps):
        now = [written[step.work].statement.digest] if step.work in written else []
        yield StepRun(step.step.name, tuple([*now, *inputs.runs(number)][:MOST_RUNS]))


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        sum(one.analyzed for one in tallies),
        sum(one.unreadable for one in tallies),
        sum(one.failed for one in tallies),
        sum(one.findings for one in tallies),
    )
