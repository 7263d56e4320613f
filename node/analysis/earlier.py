"""A run that stands in a log: its statement, its images, and what was found in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from analyzers.region import Region, parse_region
from hashstore.digest import Digest
from manifests.members import MemberList
from manifests.tables import FINDING
from node.index import Index
from provenance.statement.kinds import AnalysisRun

_BATCH = 2_000
_ROWS_OF = (
    "SELECT t.* FROM {table} t JOIN leaf l ON l.log = t.log AND l.log_index = t.log_index "
    "WHERE l.log = ? AND l.statement = ? AND t.access = 'public'"
)
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
        place: The one finding of that key that was asked for; None for all.
        among: The images that were asked for; None for all.
    """

    digest: Digest
    log: int
    run: AnalysisRun
    only: Digest | None = None
    place: int | None = None
    among: MemberList | None = None


def items_of(index: Index, earlier: EarlierRun) -> list[EarlierItem]:
    """The images of a run that were asked for and are public here, by digest."""
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
        if earlier.among is None or Digest(row["digest"]) in earlier.among
    ]


def findings_of(
    index: Index, earlier: EarlierRun, keys: Sequence[Digest]
) -> Iterator[tuple[Digest, list[dict[str, Any]]]]:
    """What was found under some keys, as `Finding.document` writes it."""
    waiting = iter(keys)
    which = "" if earlier.place is None else f" AND t.place = {earlier.place:d}"
    query = (
        f"{_ROWS_OF.format(table='finding')}{which} AND t.key IN (SELECT unnest(?)) ORDER BY t.key, t.place"
    )
    while batch := [key.raw for key in islice(waiting, _BATCH)]:
        rows = index.rows(query, [earlier.log, earlier.digest.raw, batch])
        for key, group in groupby(rows, key=lambda row: row["key"]):
            yield Digest(key), [finding_document(row) for row in group]


def finding_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the table `finding` as `Finding.document` writes it."""
    told = {name: row[name] for name in _COLUMNS if row[name] is not None}
    return {**told, "derivative": Digest(row["derivative"]).uri} if "derivative" in told else told
