"""Which specimens of a source are of a sensitive taxon, and how exactly their places may be told.

What was told less exactly once stays so: a record whose taxon has left the list keeps its country alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from manifests.tables import TABLES
from node.compose import Node
from node.disclosure.sensitive import NEEDED, SensitiveTaxa, sensitive_taxa
from node.disclosure.treatment import Treatment
from node.index import Index
from node.index.ddl import quoted
from node.track.earlier import EXACT, GENERALISED
from node.track.staged import StagedSource

_BATCH = 10_000
_ORDER = tuple(Treatment)


@dataclass(slots=True)
class Sensitive:
    """The sensitive specimens of a source.

    Attributes:
        ids: By id: how exactly each may be told.
        rows: Likewise by source row, where a record has no id.
        before: Ids of those that have been told less exactly before.
    """

    ids: dict[str, Treatment] = field(default_factory=dict)
    rows: dict[str, Treatment] = field(default_factory=dict)
    before: frozenset[str] = frozenset()

    def add(self, id: str | None, row: str | None, treatment: Treatment) -> None:
        """Note a specimen; of two treatments the stricter one counts."""
        known, key = (self.ids, id) if id is not None else (self.rows, row)
        if key is not None:
            known[key] = max(treatment, known.get(key, treatment), key=_ORDER.index)


def sensitive_in(node: Node, index: Index, staged: StagedSource) -> Sensitive:
    """The sensitive specimens of a source: by the operator's list, and by what was done before."""
    query = f"SELECT DISTINCT id FROM own_specimen WHERE source = ? AND id IS NOT NULL AND {GENERALISED}"
    before = frozenset(row["id"] for row in index.rows(query, [staged.source]))
    found = Sensitive(before=before)
    taxa = sensitive_taxa(node.config.sensitive)
    if taxa:
        # Another determination of the same specimen stands in a record of its own.
        for table in ("specimen", "record"):
            for batch in _rows(index, staged, table):
                _note(found, taxa, batch)
    for id in before - found.ids.keys():
        found.ids[id] = Treatment.COUNTRY
    return found


def _note(found: Sensitive, taxa: SensitiveTaxa, batch: pa.RecordBatch) -> None:
    ids, rows = batch.column("id").to_pylist(), batch.column("sourceRow").to_pylist()
    for id, row, treatment in zip(ids, rows, taxa.among(batch), strict=True):
        if treatment is not None:
            found.add(id, row, treatment)


def _rows(index: Index, staged: StagedSource, table: str) -> Iterator[pa.RecordBatch]:
    """Rows as staged, or as the index has them when nothing was read anew."""
    known = frozenset(TABLES[table].names)
    columns = ["id", "sourceRow", *(name for name in NEEDED if name in known)]
    yield from exact_rows(index, staged, table, columns)


def exact_rows(
    index: Index, staged: StagedSource, table: str, columns: list[str]
) -> Iterator[pa.RecordBatch]:
    """The exact rows of a source, as staged or as the index has them; never those that were generalised."""
    if staged.folder is None:
        names = ", ".join(quoted(name) for name in columns)
        query = f"SELECT {names} FROM own_{table} WHERE source = ? AND current AND {EXACT}"
        # A cursor of its own, or the next query on the index would end this one.
        with index.connection.cursor() as cursor:
            yield from cursor.sql(query, params=[staged.source]).to_arrow_reader(_BATCH)
    elif path := staged.table(table):
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=columns)


def published_exactly(index: Index, source: str, ids: Mapping[str, Treatment]) -> int:
    """How many of these specimens an earlier crawl has told exactly."""
    if not ids:
        return 0
    query = (
        "SELECT count(DISTINCT id) AS number FROM own_specimen WHERE source = ? AND current "
        f"AND access = 'public' AND {EXACT} AND id IN (SELECT unnest(?))"
    )
    [row] = index.rows(query, [source, sorted(ids)])
    return int(row["number"])
