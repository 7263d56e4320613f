"""A run of a pipeline: by which plan, over which images, in which runs its steps' results stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.analysis_run import Tally
from provenance.statement.kinds.parts import software_agent
from provenance.statement.reading import count_of, digest_of, digests_of, nodes_of, reading, text_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of it.

    Attributes:
        name: its name in the plan.
        runs: the `AnalysisRun` statements in which its results stand: that of this run, and those of earlier
            ones that had read some of it before.
    """

    name: str
    runs: tuple[Digest, ...]


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """One run of all steps.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the node's identity key.
        software: name and version of the program.
        started: with a time zone.
        ended: with a time zone.
        plan: the blob of the pipeline's file.
        name: the pipeline's name.
        parameters: the blob of parameters that are others than the file says, by step; None without such.
        members: the blob that lists the images (spec/slices.md).
        members_root: the root over them.
        count: how many there are.
        steps: in the order in which they were run.
        generated: segments of the runs that were made by this one.
        tally: what came of it, over all steps.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    started: datetime
    ended: datetime
    plan: Digest
    name: str
    parameters: Digest | None
    members: Digest
    members_root: Digest
    count: int
    steps: tuple[StepRun, ...]
    generated: tuple[Digest, ...]
    tally: Tally

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        named = {"parameters": self.parameters.uri} if self.parameters else {}
        made = {"generated": sorted(one.uri for one in self.generated)} if self.generated else {}
        used = {self.plan, self.members, *([self.parameters] if self.parameters else [])}
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "PipelineRun"],
            "name": plain_text(self.name),
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "qualifiedAssociation": {
                "id": f"{self.id}#association",
                "type": "Association",
                "agent": self.agent.did,
                "hadPlan": self.plan.uri,
            },
            **named,
            "used": sorted(one.uri for one in used),
            "memberList": self.members.uri,
            "membersRoot": self.members_root.uri,
            "memberCount": str(self.count),
            "step": [_step_node(self.id, place, step) for place, step in enumerate(self.steps, 1)],
            **made,
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "itemsAnalyzed": str(self.tally.analyzed),
                "itemsUnreadable": str(self.tally.unreadable),
                "itemsFailed": str(self.tally.failed),
                "findingsMade": str(self.tally.findings),
            },
        }


def _step_node(iri: str, place: int, step: StepRun) -> dict[str, Any]:
    node = {"id": f"{iri}#step-{place}", "type": "Step", "position": str(place), "name": step.name}
    return {**node, "run": [run.uri for run in step.runs]} if step.runs else node


def read_pipeline_run(statement: Statement) -> PipelineRun:
    """Reads a run of a pipeline; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "PipelineRun"):
        who, software = document["wasAssociatedWith"]
        (association,), (counts,) = nodes_of(document, "qualifiedAssociation"), nodes_of(document, "counts")
        return PipelineRun(
            id=statement.iri,
            agent=parse_public_key(str(who)),
            software=(text_of(software, "name"), text_of(software, "softwareVersion")),
            started=datetime.fromisoformat(text_of(document, "startedAtTime")),
            ended=datetime.fromisoformat(text_of(document, "endedAtTime")),
            plan=digest_of(association, "hadPlan"),
            name=text_of(document, "name"),
            parameters=digest_of(document, "parameters") if "parameters" in document else None,
            members=digest_of(document, "memberList"),
            members_root=digest_of(document, "membersRoot"),
            count=count_of(document, "memberCount"),
            steps=tuple(_read_step(one) for one in _in_order(nodes_of(document, "step"))),
            generated=digests_of(document, "generated"),
            tally=Tally(
                count_of(counts, "itemsAnalyzed"),
                count_of(counts, "itemsUnreadable"),
                count_of(counts, "itemsFailed"),
                count_of(counts, "findingsMade"),
            ),
        )


def _in_order(nodes: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """A graph keeps no order, so each step says its place."""
    return sorted(nodes, key=lambda node: count_of(node, "position"))


def _read_step(node: Mapping[str, Any]) -> StepRun:
    return StepRun(text_of(node, "name"), digests_of(node, "run"))
