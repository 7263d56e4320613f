"""Which runs a person means to run again: one, a finding of it, or all that stand behind a dataset."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from hashstore.digest import Digest
from manifests.members import MemberList
from node.analysis.earlier import EarlierRun
from node.analysis.errors import AnalysisError
from node.compose import Node
from node.datasets.known import find_dataset, members_of_dataset
from node.errors import NotFound
from node.index import Index
from node.look.resolve import resolve
from node.look.things import RowThing, StatementThing, Thing
from node.slices.known import members_of, slice_at
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.pipeline_run import read_pipeline_run

_FINDING: Final = re.compile(r"(?:hash://sha256/)?([0-9a-f]{64})#([1-9][0-9]{0,5})", re.ASCII)
_BATCH: Final = 2_000
_STATEMENT_OF: Final = "SELECT statement FROM leaf WHERE log = ? AND log_index = ?"
_KEY_OF: Final = 'SELECT key FROM {table} WHERE log = ? AND log_index = ? AND "row" = ?'
_SAID: Final = """
SELECT l.log, l.statement FROM finding f JOIN leaf l ON l.log = f.log AND l.log_index = f.log_index
WHERE f.key = ? AND f.place = ? AND f.access = 'public' ORDER BY l.log, l.log_index LIMIT 1
"""
_READ: Final = """
SELECT DISTINCT l.log, l.statement FROM analysis a
JOIN leaf l ON l.log = a.log AND l.log_index = a.log_index
WHERE a.access = 'public' AND a.digest IN (SELECT unnest(?)) ORDER BY ALL
"""
_MADE: Final = """
SELECT DISTINCT digest FROM finding WHERE access = 'public' AND derivative IN (SELECT unnest(?))
"""


def find_runs(node: Node, index: Index, text: str) -> list[EarlierRun]:
    """The runs that a person means.

    The run of a pipeline means all that its steps name. A dataset or a slice means every run that read an
    image of it, or made one: those images of these runs.

    Args:
        node: The node.
        index: Its open index.
        text: The statement of an analyzer's or a pipeline's run; the URI of a row of one;
            `hash://sha256/KEY#PLACE`, a finding; a version of a dataset; a slice.

    Raises:
        NotFound: nothing here answers to it.
        AnalysisError: it is something else, or no analysis has to do with it.
    """
    if finding := _FINDING.fullmatch(text.strip()):
        return [_of_finding(node, index, Digest.parse(finding[1]), int(finding[2]))]
    thing = resolve(node, index, text)
    if isinstance(thing, StatementThing) and thing.kind in ("DatasetVersion", "Slice"):
        return _of_images(node, index, _members(node, index, thing), text)
    if isinstance(thing, StatementThing) and thing.kind == "PipelineRun":
        return _of_pipeline(node, index, thing)
    return [_of_thing(node, index, thing, text)]


def _of_finding(node: Node, index: Index, key: Digest, place: int) -> EarlierRun:
    row = index.one(_SAID, [key.raw, place])
    if row is None:
        raise NotFound(f"No log that is here has a finding {key.uri}#{place}.")
    return _run(node, Digest(row["statement"]), row["log"], only=key, place=place)


def _of_pipeline(node: Node, index: Index, thing: StatementThing) -> list[EarlierRun]:
    """All runs in which results of a pipeline's run stand."""
    whole = read_pipeline_run(parse_statement(node.store.read(thing.digest)))
    named = dict.fromkeys(run for step in whole.steps for run in step.runs)
    return [_of_thing(node, index, resolve(node, index, run.uri), run.uri) for run in named]


def _of_thing(node: Node, index: Index, thing: Thing, text: str) -> EarlierRun:
    if isinstance(thing, RowThing) and thing.table in ("analysis", "finding"):
        place = [thing.log, thing.log_index]
        row = index.one(_KEY_OF.format(table=thing.table), [*place, thing.uri.row])
        leaf = index.one(_STATEMENT_OF, place)
        assert row is not None
        assert leaf is not None
        return _run(node, Digest(leaf["statement"]), thing.log, only=Digest(row["key"]))
    if isinstance(thing, StatementThing) and thing.kind == "AnalysisRun":
        return _run(node, thing.digest, thing.log)
    raise AnalysisError(
        f"{text} is neither a run of an analyzer or a pipeline nor made from one, "
        "so there is nothing to run again."
    )


def _members(node: Node, index: Index, thing: StatementThing) -> MemberList:
    if thing.kind == "Slice":
        return members_of(node, index, slice_at(node, index, thing.digest))
    known = find_dataset(node, index, thing.digest.uri)
    return MemberList.of(member.digest for member in members_of_dataset(node, known))


def _of_images(node: Node, index: Index, members: MemberList, text: str) -> list[EarlierRun]:
    sources = {Digest(row["digest"]) for row in _asked(index, _MADE, members)}
    images = MemberList.of({*members, *sources}) if sources else members
    found = {(row["log"], Digest(row["statement"])) for row in _asked(index, _READ, images)}
    if not found:
        raise AnalysisError(f"No run of an analyzer has read an image of {text}, or made one.")
    return [_run(node, statement, log, among=images) for log, statement in sorted(found)]


def _asked(index: Index, query: str, digests: Iterable[Digest]) -> Iterator[dict[str, Any]]:
    waiting = iter(digests)
    while batch := [digest.raw for digest in islice(waiting, _BATCH)]:
        yield from index.rows(query, [batch])


def _run(
    node: Node,
    statement: Digest,
    log: int,
    only: Digest | None = None,
    place: int | None = None,
    among: MemberList | None = None,
) -> EarlierRun:
    try:
        run = read_analysis_run(parse_statement(node.store.read(statement)))
    except ProvenanceError as error:
        raise AnalysisError(f"The run {statement.uri} cannot be read: {error}") from error
    return EarlierRun(statement, log, run, only, place, among)
