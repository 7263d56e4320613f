"""A run that stands in a log: its statement, its images, and what was found in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from analyzers.region import Region, parse_region
from hashstore.digest import Digest
from manifests.tables import FINDING
from node.analysis.errors import AnalysisError
from node.compose import Node
from node.index import Index
from node.look.resolve import resolve
from node.look.things import RowThing, StatementThing, Thing
from provenance.statement import parse_statement
from provenance.statement.kinds import AnalysisRun
from provenance.statement.kinds.analysis_run import read_analysis_run
from provenance.statement.kinds.pipeline_run import read_pipeline_run

_BATCH = 2_000
_ROWS_OF = (
    "SELECT t.* FROM {table} t JOIN leaf l ON l.log = t.log AND l.log_index = t.log_index "
    "WHERE l.log = ? AND l.statement = ? AND t.access = 'public'"
)
_STATEMENT_OF = "SELECT statement FROM leaf WHERE log = ? AND log_index = ?"
_KEY_OF = 'SELECT key FROM {table} WHERE log = ? AND log_index = ? AND "row" = ?'
_COLUMNS = tuple(name for name in FINDING.names if name not in ("key", "place", "digest", "analyzer", "salt"))


@dataclass(frozen=True, slots=True)
class EarlierItem:
    """One image, or region, of a run.

    Attributes:
        key: The key of what was found.
        digest: The image.
        region: The region that was read; None for all of it.
        output: The digest of what was found.
    """

    key: Digest
    digest: Digest
    region: Region | None
    output: Digest


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run in a log.

    Attributes:
        digest: Its statement.
        log: The number of the log in the index.
        run: What the statement says.
        only: The key that was asked for, where a single row was; None for the whole run.
    """

    digest: Digest
    log: int
    run: AnalysisRun
    only: Digest | None = None


def find_run(node: Node, index: Index, text: str) -> EarlierRun:
    """The run that a person means: by its statement, or by the URI of any of its rows.

    Raises:
        NotFound: nothing here answers to it.
        AnalysisError: it is something else.
    """
    thing = resolve(node, index, text)
    return _run_of(node, index, thing, text)


def find_runs(node: Node, index: Index, text: str) -> list[EarlierRun]:
    """The runs that a person means: one, or all those in which results of a pipeline's run stand.

    Raises:
        NotFound: nothing here answers to it, or a run is named whose log is not followed.
        AnalysisError: it is something else.
    """
    thing = resolve(node, index, text)
    if not (isinstance(thing, StatementThing) and thing.kind == "PipelineRun"):
        return [_run_of(node, index, thing, text)]
    with node.store.open(thing.digest) as stream:
        whole = read_pipeline_run(parse_statement(stream.read()))
    named = dict.fromkeys(run for step in whole.steps for run in step.runs)
    return [find_run(node, index, run.uri) for run in named]


def _run_of(node: Node, index: Index, thing: Thing, text: str) -> EarlierRun:
    only = None
    if isinstance(thing, RowThing) and thing.table in ("analysis", "finding"):
        place = [thing.log, thing.log_index]
        row = index.one(_KEY_OF.format(table=thing.table), [*place, thing.uri.row])
        leaf = index.one(_STATEMENT_OF, place)
        assert row is not None
        assert leaf is not None
        only, digest = Digest(row["key"]), Digest(leaf["statement"])
    elif isinstance(thing, StatementThing) and thing.kind == "AnalysisRun":
        digest = thing.digest
    else:
        raise AnalysisError(
            f"{text} is neither a run of an analyzer or a pipeline nor a row of one, "
            "so there is nothing to run again."
        )
    with node.store.open(digest) as stream:
        run = read_analysis_run(parse_statement(stream.read()))
    return EarlierRun(digest, thing.log, run, only)


def items_of(index: Index, earlier: EarlierRun) -> list[EarlierItem]:
    """The images of a run that are public here, by digest."""
    query, values = _ROWS_OF.format(table="analysis"), [earlier.log, earlier.digest.raw]
    if earlier.only is not None:
        query, values = f"{query} AND t.key = ?", [*values, earlier.only.raw]
    return [
        EarlierItem(
            Digest(row["key"]),
            Digest(row["digest"]),
            parse_region(row["inputRegion"]) if row["inputRegion"] else None,
            Digest(row["output"]),
        )
        for row in index.rows(f"{query} ORDER BY t.digest, t.inputRegion NULLS FIRST", values)
    ]


def findings_of(
    index: Index, earlier: EarlierRun, keys: Sequence[Digest]
) -> Iterator[tuple[Digest, list[dict[str, Any]]]]:
    """What was found under some keys, as `Finding.document` writes it."""
    waiting = iter(keys)
    query = f"{_ROWS_OF.format(table='finding')} AND t.key IN (SELECT unnest(?)) ORDER BY t.key, t.place"
    while batch := [key.raw for key in islice(waiting, _BATCH)]:
        rows = index.rows(query, [earlier.log, earlier.digest.raw, batch])
        for key, group in groupby(rows, key=lambda row: row["key"]):
            yield Digest(key), [finding_document(row) for row in group]


def finding_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table `finding` as `Finding.document` writes it."""
    told = {name: row[name] for name in _COLUMNS if row[name] is not None}
    return {**told, "derivative": Digest(row["derivative"]).uri} if "derivative" in told else told
