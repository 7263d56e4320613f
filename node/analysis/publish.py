"""Sign a whole run: its rows, what it was made with, and the statement come into the log together or not."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from analyzers.finding import Finding
from analyzers.identity import output_key
from analyzers.output import Output
from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.members import MemberList
from manifests.schema import TableSchema
from manifests.segment import Segment, SegmentWriter
from manifests.tables import ANALYSIS, FINDING
from node.compose import Node
from node.publish import staged
from node.track.finish import leaves_of
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import AnalysisRun, Tally, UsedAnalyzer

_ROWS = 4_096  # rows in memory at once


class _Named(Protocol):
    @property
    def digest(self) -> Digest:
        """The name of an analyzer."""


class Ran(Protocol):
    """What was run, here (`Plan`) or elsewhere."""

    @property
    def identity(self) -> _Named:
        """What it is."""

    @property
    def parameters_digest(self) -> Digest:
        """The name of its parameters."""

    @property
    def models(self) -> Mapping[str, Path]:
        """Where its models are, as far as they become blobs."""

    @property
    def documents(self) -> tuple[bytes, ...]:
        """What becomes blobs beside them."""

    @property
    def used(self) -> UsedAnalyzer:
        """How a statement tells of it."""


@dataclass(slots=True)
class _Written:
    """The rows of a run on their way into the store, and how many of what they tell."""

    segments: tuple[Segment, ...] = ()
    sealed: list[Sealed] = field(default_factory=list)
    analyzed: int = 0
    unreadable: int = 0
    findings: int = 0


@dataclass(frozen=True)
class WrittenRun:
    """A run whose rows are written, and which stands in no log yet.

    Attributes:
        run: What its statement says.
        statement: The statement, signed.
        sealed: What it names, on its way into the store.
    """

    run: AnalysisRun
    statement: Statement
    sealed: Sequence[Sealed]


def sign_run(
    node: Node, plan: Ran, members: MemberList, results: Iterable[Output], failed: int, began: datetime
) -> tuple[Digest, Tally]:
    """Write the rows of a run and put it into the log.

    Args:
        node: The node; the caller holds its writer lock.
        plan: What was run.
        members: Over which images.
        results: What came of them, by digest.
        failed: How many have no result.
        began: When.

    Returns:
        The statement's digest, and what it counts.
    """
    written = write_run(node, plan, members, results, failed, began)
    append_runs(node, [written.statement], written.sealed)
    return written.statement.digest, written.run.tally


def write_run(
    node: Node, plan: Ran, members: MemberList, results: Iterable[Output], failed: int, began: datetime
) -> WrittenRun:
    """Write the rows of a run and sign it; nothing of it is visible before `append_runs`.

    The arguments are those of `sign_run`.
    """
    written = _rows_written(node, plan, results)
    run = AnalysisRun(
        id=new_statement_id(),
        agent=node.identity.public,
        software=("vasculum", version("vasculum")),
        started=began,
        ended=datetime.now(UTC),
        analyzer=plan.used,
        members=Digest.of(members.data),
        members_root=members.root,
        count=len(members),
        segments=written.segments,
        tally=Tally(written.analyzed, written.unreadable, failed, written.findings),
    )
    made_with = [staged(node, data) for data in (*plan.documents, members.data, *_models(plan))]
    statement = issue(run.document(), node.identity, datetime.now(UTC))
    return WrittenRun(run, statement, [*written.sealed, *made_with])


def append_runs(node: Node, statements: Sequence[Statement], sealed: Sequence[Sealed]) -> None:
    """Put statements and their segments into the log together, and bring the index up to it.

    Args:
        node: The node; the caller holds its writer lock.
        statements: In the order in which they come into the log; all of them or none.
        sealed: What they name and is not in the store yet.
    """
    node.store.commit([*sealed, *(staged(node, one.raw) for one in statements)])
    node.log.append([leaf.encode() for one in statements for leaf in leaves_of(one)])
    with node.index():
        pass  # opening it brings it up to the log


def _rows_written(node: Node, plan: Ran, results: Iterable[Output]) -> _Written:
    written, derivatives, access = _Written(), dict[Digest, Sealed](), AccessClass.PUBLIC
    with (
        SegmentWriter(node.store, ANALYSIS, access) as units,
        SegmentWriter(node.store, FINDING, access) as said,
    ):
        waiting = iter(results)
        while batch := list(islice(waiting, _ROWS)):
            _write(units, ANALYSIS, (_unit_row(plan, result) for result in batch))
            _write(said, FINDING, (row for result in batch for row in _finding_rows(plan, result)))
            _stage(node, batch, derivatives)
            written.analyzed += len(batch)
            written.unreadable += sum(result.fault is not None for result in batch)
            written.findings += sum(len(result.findings) for result in batch)
        finished = [*units.finish(), *said.finish()]
    written.segments = tuple(segment for segment, _ in finished)
    written.sealed = [*(sealed for _, sealed in finished), *derivatives.values()]
    return written


def _models(plan: Ran) -> Iterator[bytes]:
    for path in plan.models.values():
        yield path.read_bytes()


def _write(writer: SegmentWriter, schema: TableSchema, rows: Iterator[Mapping[str, Any]]) -> None:
    while batch := list(islice(rows, _ROWS)):
        writer.write(pa.RecordBatch.from_pylist(batch, schema=schema.arrow))


def _stage(node: Node, results: Iterable[Output], derivatives: dict[Digest, Sealed]) -> None:
    for result in results:
        for finding in result.findings:
            made = finding.derivative
            if made is not None and (digest := Digest.of(made.data)) not in derivatives:
                derivatives[digest] = staged(node, made.data)


def _named(plan: Ran, result: Output) -> dict[str, Any]:
    identity = plan.identity.digest
    key = output_key(identity, plan.parameters_digest, result.input.digest, result.input.region)
    return {"key": key.raw, "digest": result.input.digest.raw, "analyzer": identity.raw}


def _unit_row(plan: Ran, result: Output) -> dict[str, Any]:
    region = result.input.region
    return {
        **_named(plan, result),
        "parameters": plan.parameters_digest.raw,
        "inputRegion": region.text if region else None,
        "output": result.digest.raw,
        "findings": len(result.findings),
        "fault": result.fault,
    }


def _finding_rows(plan: Ran, result: Output) -> Iterator[dict[str, Any]]:
    named = _named(plan, result)
    for place, finding in enumerate(result.findings, 1):
        yield {**named, "place": place, **_said(finding)}


def _said(finding: Finding) -> dict[str, Any]:
    made = finding.derivative
    return {
        "kind": finding.kind,
        "region": finding.region.text if finding.region else None,
        "text": finding.text,
        "language": finding.language,
        "term": finding.term,
        "value": finding.value,
        "unit": finding.unit,
        "uncertainty": finding.uncertainty,
        "confidence": finding.confidence,
        "vector": base64.b64encode(finding.vector).decode("ascii") if finding.vector is not None else None,
        "derivative": Digest.of(made.data).raw if made else None,
        "mediaType": made.media_type if made else None,
    }
