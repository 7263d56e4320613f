"""What of a crawl stays in this house: the specimens that a rule names, and all that hangs on them.

What was withheld once stays so: a later crawl in which the rule, or the record, no longer says it would
otherwise publish images and rows that were never meant to leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from manifests.schema import TableSchema
from manifests.tables import QUARANTINE
from node.compose import Node
from node.config import WithholdRule
from node.disclosure.treatment import Treatment
from node.index import Index
from node.policy import withheld_specimens
from node.track.sensitive import exact_rows, published_exactly, sensitive_in
from node.track.session import Session
from node.track.staged import StagedSource

_BATCH = 10_000
# Flags of rows whose record is not among those that landed (crawlers/dwca/rows.py).
_ADRIFT = {"media": '"(orphan|missingId)"', "record": '"orphan"'}
_NAMED = ("digest", "revisionOf", "lastKnown")


@dataclass(frozen=True, slots=True)
class Hidden:
    """The withheld specimens of a source: by id, and by source row where a record has no id.

    Attributes:
        ids: Ids of withheld specimens; media and other records give the same id.
        rows: Source rows of withheld specimens without an id; media made of such a record share its row.
        published: How many of them an earlier crawl has published already.
        told: Those of them of which a less exact row is public, by id: how exactly.
        told_rows: Likewise by source row.
    """

    ids: frozenset[str]
    rows: frozenset[str]
    published: int = 0
    told: Mapping[str, Treatment] = field(default_factory=dict)
    told_rows: Mapping[str, Treatment] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ids or self.rows)

    def mask(self, schema: TableSchema, batch: pa.RecordBatch) -> pa.BooleanArray:
        """Which rows hang on a withheld specimen.

        A quarantined row hangs on nothing: it tells a file, a line and a reason.
        """
        if schema is QUARANTINE or not self:
            return pa.array([False] * batch.num_rows, pa.bool_())
        by_id = pc.is_in(batch.column("id"), value_set=pa.array(sorted(self.ids), pa.string()))
        by_row = pc.is_in(batch.column("sourceRow"), value_set=pa.array(sorted(self.rows), pa.string()))
        return pc.or_(by_id, by_row)


def hidden_in(node: Node, index: Index, staged: StagedSource) -> Hidden:
    """The withheld specimens of a source: those that a rule or list names now, and those withheld before."""
    rules = node.config.policy.withhold
    sensitive = sensitive_in(node, index, staged)
    named = list(_named_by(rules, _specimens(index, staged, rules))) if rules else []
    query = "SELECT DISTINCT id, sourceRow FROM own_specimen WHERE source = ? AND access <> 'public'"
    before = index.rows(query, [staged.source])
    named += [(r["id"], r["sourceRow"], False) for r in before if r["id"] not in sensitive.before]
    named += [(*row, False) for row in _unjudged(index, staged)] if node.config.withholds else []
    ids = frozenset(id for id, _, _ in named if id is not None)
    rows = frozenset(row for id, row, _ in named if id is None and row is not None)
    return Hidden(
        ids | sensitive.ids.keys(),
        rows | sensitive.rows.keys(),
        sum(public for _, _, public in named) + published_exactly(index, staged.source, sensitive.ids),
        {id: how for id, how in sensitive.ids.items() if id not in ids and how is not Treatment.WITHHOLD},
        {
            row: how
            for row, how in sensitive.rows.items()
            if row not in rows and how is not Treatment.WITHHOLD
        },
    )


def _specimens(
    index: Index, staged: StagedSource, rules: tuple[WithholdRule, ...]
) -> Iterator[pa.RecordBatch]:
    columns = ["id", "sourceRow", *dict.fromkeys(rule.column for rule in rules)]
    if staged.folder is None:
        columns.append("access")
    yield from exact_rows(index, staged, "specimen", list(dict.fromkeys(columns)))


def _unjudged(index: Index, staged: StagedSource) -> Iterator[tuple[str | None, str | None]]:
    """Id and source row of what hangs on a specimen that did not land: no rule could be asked of that one."""
    for table, flags in _ADRIFT.items():
        rows, values = f"own_{table} WHERE current AND source = ? AND", [staged.source]
        if staged.folder is not None:
            if (path := staged.table(table)) is None:
                continue
            rows, values = "read_parquet(?) WHERE", [str(path)]
        query = f"SELECT DISTINCT id, sourceRow FROM {rows} regexp_matches(flags, ?)"
        for row in index.rows(query, [*values, flags]):
            yield row["id"], row["sourceRow"]


def withhold_unread(session: Session, staged: Iterable[StagedSource]) -> None:
    """Withhold the archives that were refused: what they hold, no rule could be asked of."""
    if not session.node.config.withholds:
        return
    read = {url for source in staged for url in source.urls}
    archives = session.journal.captures(session.crawl, withheld=False, role="archive")
    unread = {row["url"] for row in archives if row["digest"] is not None and row["url"] not in read}
    session.journal.withhold_all(session.crawl, unread)


def _named_by(
    rules: tuple[WithholdRule, ...], specimens: Iterable[pa.RecordBatch]
) -> Iterator[tuple[str | None, str | None, bool]]:
    for batch in specimens:
        named = batch.filter(withheld_specimens(rules, batch))
        access = named.column("access").to_pylist() if "access" in named.schema.names else [None] * len(named)
        rows = zip(named.column("id").to_pylist(), named.column("sourceRow").to_pylist(), access, strict=True)
        yield from ((id, row, known == "public") for id, row, known in rows)


def spread(session: Session, index: Index) -> None:
    """Withhold every capture that names withheld bytes, or whose address turned out to be withheld.

    The same picture may stand under a public and under a withheld record: if one capture named its digest in
    public, whoever has the bytes would learn that the withheld record shows them.
    """
    session.journal.spread_withheld(session.crawl)
    if index.one("SELECT 1 FROM own_capture WHERE access <> 'public' LIMIT 1") is None:
        return
    urls: set[str] = set()
    captures = session.journal.captures(session.crawl, withheld=False)
    while batch := list(islice(captures, _BATCH)):
        secret = _withheld_among(index, {row[name] for row in batch for name in _NAMED if row[name]})
        urls.update(row["url"] for row in batch if secret.intersection(row[name] for name in _NAMED))
    session.journal.withhold_all(session.crawl, urls)


def _withheld_among(index: Index, digests: set[bytes]) -> set[Any]:
    query = (
        "SELECT DISTINCT digest FROM own_capture WHERE access <> 'public' AND digest IN (SELECT unnest(?))"
    )
    return {row["digest"] for row in index.rows(query, [sorted(digests)])} if digests else set()
