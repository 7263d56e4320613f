"""Which images a crawl asks for: the addresses that its media rows give, each with what we know of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from crawlers.fetch.url import without_secrets
from hashstore.digest import Digest
from node.compose import Node
from node.journal import Journal, Planned
from node.track.earlier import export_current, known_images
from node.track.session import Session
from node.track.staged import StagedSource
from node.track.withhold import Hidden, hidden_in

_BATCH = 5_000
# A row that declares itself sound, film or text is no image; one that declares nothing may be.
_IMAGES = """
SELECT url, id, sourceRow FROM (
    SELECT id, sourceRow,
           trim(coalesce(accessURI, CASE WHEN identifier LIKE '%://%' THEN identifier END)) AS url,
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
        hidden = hidden_in(session.node, index, staged)
        urls = folder / "urls.parquet"
        _write_urls(media, staged.source, hidden, urls)
        planned = (_planned(session.node, row) for row in known_images(index, urls))
        _keep(session.journal, session.crawl, planned)


def _write_urls(media: Path, source: str, hidden: Hidden, out: Path) -> None:
    """Distinct addresses of the images, withheld if any row that names one is."""
    schema = pa.schema([("url", pa.string()), ("source", pa.string()), ("withheld", pa.bool_())])
    with (
        duckdb.connect(config={"memory_limit": "400MB"}) as database,
        pq.ParquetWriter(out, schema) as writer,
    ):
        database.register("hidden_ids", pa.table({"id": pa.array(sorted(hidden.ids), pa.string())}))
        database.register("hidden_rows", pa.table({"row": pa.array(sorted(hidden.rows), pa.string())}))
        query = (
            "SELECT url, ?::VARCHAR AS source, "
            "bool_or(coalesce(id IN (SELECT id FROM hidden_ids), false) "
            "OR coalesce(sourceRow IN (SELECT row FROM hidden_rows), false)) AS withheld "
            f"FROM ({_IMAGES}) GROUP BY url"
        )
        for batch in database.sql(query, params=[source, str(media)]).to_arrow_reader(50_000):
            writer.write_batch(batch.cast(schema))


def _planned(node: Node, row: dict[str, Any]) -> Planned:
    # The capture will call the address so, and it is found in the plan by what the capture calls it.
    url = without_secrets(row["url"])
    known = Digest(row["known"]) if row["known"] else None
    if known is None or not node.store.contains(known):
        return Planned(url, row["source"], row["withheld"])
    return Planned(url, row["source"], row["withheld"], row["etag"], row["modified"], known)


def _keep(journal: Journal, crawl: str, planned: Iterable[Planned]) -> None:
    rows = iter(planned)
    while batch := list(islice(rows, _BATCH)):
        journal.plan(crawl, batch)
