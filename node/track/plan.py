"""Which images a crawl asks for: the addresses that its media rows give, each with what we know of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from hashstore.digest import Digest
from node.compose import Node
from node.config import WithholdRule
from node.index import Index
from node.journal import Journal, Planned
from node.policy import withheld_specimens
from node.track.earlier import export_current, known_images
from node.track.session import Session
from node.track.staged import StagedSource

_BATCH = 5_000
# A row that declares itself sound, film or text is no image; one that declares nothing may be.
_IMAGES = """
SELECT DISTINCT url, id FROM (
    SELECT id, trim(coalesce(accessURI, CASE WHEN identifier LIKE '%://%' THEN identifier END)) AS url,
           lower(regexp_extract(coalesce(type, ''), '[^/#:]*$')) AS kind,
           lower(coalesce(format, '')) AS format
    FROM read_parquet(?)
) WHERE url IS NOT NULL AND url <> ''
  AND kind NOT IN ('sound', 'movingimage', 'text', 'dataset', 'interactiveresource', 'physicalobject')
  AND NOT regexp_matches(format, '^(audio|video|text|application/pdf|model)')
"""


def plan_images(session: Session, staged: StagedSource) -> None:
    """Write the images of a source into the journal's plan."""
    folder = session.staging / "plan"
    folder.mkdir(parents=True, exist_ok=True)
    with session.node.index() as index:
        media = staged.table("media")
        if staged.folder is None:
            media = folder / "current.parquet"
            if not export_current(index, staged.source, "media", media):
                return
        if media is None:
            return
        hidden = withheld_ids(session.node, index, staged)
        urls = folder / "urls.parquet"
        _write_urls(media, staged.source, hidden, urls)
        planned = (_planned(session.node, row) for row in known_images(index, urls))
        _keep(session.journal, session.crawl, planned)


def _write_urls(media: Path, source: str, hidden: frozenset[str], out: Path) -> None:
    """Distinct addresses of the images, withheld if any row that names one is."""
    schema = pa.schema([("url", pa.string()), ("source", pa.string()), ("withheld", pa.bool_())])
    with (
        duckdb.connect(config={"memory_limit": "400MB"}) as database,
        pq.ParquetWriter(out, schema) as writer,
    ):
        database.register("hidden", pa.table({"id": pa.array(sorted(hidden), pa.string())}))
        query = (
            "SELECT url, ?::VARCHAR AS source, "
            "bool_or(coalesce(id IN (SELECT id FROM hidden), false)) AS withheld "
            f"FROM ({_IMAGES}) GROUP BY url"
        )
        for batch in database.sql(query, params=[source, str(media)]).to_arrow_reader(50_000):
            writer.write_batch(batch.cast(schema))


def withheld_ids(node: Node, index: Index, staged: StagedSource) -> frozenset[str]:
    """The ids of a source's specimens that the operator withholds."""
    if staged.folder is None:
        return index_withheld_ids(index, staged.source)
    return frozenset(_matching(staged.table("specimen"), node.config.policy.withhold))


def index_withheld_ids(index: Index, source: str) -> frozenset[str]:
    """The ids of a source's specimens that stand in withheld segments now."""
    query = (
        "SELECT DISTINCT id FROM specimen "
        "WHERE source = ? AND current AND access <> 'public' AND id IS NOT NULL"
    )
    return frozenset(row["id"] for row in index.rows(query, [source]))


def _matching(specimens: Path | None, rules: tuple[WithholdRule, ...]) -> Iterator[str]:
    if specimens is None or not rules:
        return
    columns = ["id", *{rule.column for rule in rules}]
    for batch in pq.ParquetFile(specimens).iter_batches(columns=columns):
        ids = batch.column("id").filter(withheld_specimens(rules, batch))
        yield from (value for value in ids.to_pylist() if value is not None)


def _planned(node: Node, row: dict[str, Any]) -> Planned:
    known = Digest(row["known"]) if row["known"] else None
    if known is None or not node.store.contains(known):
        return Planned(row["url"], row["source"], row["withheld"])
    return Planned(row["url"], row["source"], row["withheld"], row["etag"], row["modified"], known)


def _keep(journal: Journal, crawl: str, planned: Iterable[Planned]) -> None:
    rows = iter(planned)
    while batch := list(islice(rows, _BATCH)):
        journal.plan(crawl, batch)
