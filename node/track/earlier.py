"""What earlier crawls left: the index is asked before a crawl and is closed again while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.lifting import lifted_columns
from manifests.tables import TABLES
from node.compose import Node
from node.index import Index

_LAST = """
SELECT url, arg_max(etag, stood) FILTER (WHERE etag IS NOT NULL OR lastModified IS NOT NULL) AS etag,
       arg_max(lastModified, stood) FILTER (WHERE etag IS NOT NULL OR lastModified IS NOT NULL) AS modified,
       arg_max(digest, stood) AS known, arg_max(role, stood) AS role
FROM (SELECT *, (log_index, row) AS stood FROM own_capture
      WHERE digest IS NOT NULL AND wasDerivedFrom IS NULL {where})
GROUP BY url
"""
# Of a sensitive specimen there are two rows: the exact one, withheld, and the public one made of it.
GENERALISED = """coalesce(contains(flags, '"generalised"'), false)"""
EXACT = f"NOT {GENERALISED}"
DATA_TABLES = ("specimen", "media", "record")


@dataclass(frozen=True, slots=True)
class Earlier:
    """The last capture of an address that brought or confirmed bytes."""

    known: Digest
    etag: str | None
    last_modified: str | None
    role: str


def last_captures(node: Node, source: str) -> dict[str, Earlier]:
    """The last bytes of every address of a source, as long as we still hold them."""
    with node.index() as index:
        rows = index.rows(_LAST.format(where="AND source = ?"), [source])
    return {row["url"]: found for row in rows if (found := _earlier(node, row))}


def last_captures_of(node: Node, urls: Sequence[str]) -> dict[str, Earlier]:
    """The last bytes of some addresses, as long as we still hold them; the index is opened once for all."""
    with node.index() as index:
        rows = index.rows(_LAST.format(where="AND url IN (SELECT unnest(?))"), [list(urls)]) if urls else []
    return {row["url"]: found for row in rows if (found := _earlier(node, row))}


def _earlier(node: Node, row: dict[str, Any]) -> Earlier | None:
    known = Digest(row["known"])
    return Earlier(known, row["etag"], row["modified"], row["role"]) if node.store.contains(known) else None


def gone_already(node: Node, source: str) -> frozenset[str]:
    """The addresses of a source of which the last capture says that they are gone."""
    query = (
        "SELECT url FROM own_capture WHERE source = ? AND wasDerivedFrom IS NULL GROUP BY url "
        "HAVING arg_max(outcome, (log_index, row)) = 'gone'"
    )
    with node.index() as index:
        return frozenset(row["url"] for row in index.rows(query, [source]))


def has_rows(index: Index, source: str) -> bool:
    """Whether any record of a source stands in the index."""
    return any(
        index.one(f"SELECT 1 FROM own_{table} WHERE source = ? AND current LIMIT 1", [source])
        for table in DATA_TABLES
    )


def export_current(index: Index, source: str, table: str, path: Path, which: str = EXACT) -> int:
    """Write the current rows of a source to a Parquet file, each with its row URI; returns how many.

    Args:
        index: The open index.
        source: The source.
        table: The table.
        path: Where to.
        which: `EXACT` for the rows as they were read, `GENERALISED` for those that were made of them.
    """
    index.connection.execute(
        f"COPY (SELECT t.access, {lifted_columns(TABLES[table], 't')}, "
        "'hash://sha256/' || lower(hex(leaf.segment)) || '#row=' || t.row AS rowUri "
        f"FROM own_{table} t JOIN own_leaf leaf USING (log_index) WHERE t.source = $source AND t.current "
        f"AND {which} ORDER BY t.log_index, t.row) TO $path (FORMAT parquet)".replace(
            "$path", _literal(str(path))
        ),
        {"source": source},
    )
    count = index.connection.execute(f"SELECT count(*) FROM read_parquet({_literal(str(path))})").fetchone()
    return int(count[0]) if count else 0


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def known_images(index: Index, urls: Path) -> Iterator[dict[str, Any]]:
    """What we know of each address in a Parquet file of planned images (`url`, `source`, `withheld`)."""
    planned = f"read_parquet({_literal(str(urls))})"
    where = f"AND url IN (SELECT url FROM {planned})"
    reader = index.connection.sql(
        f"SELECT p.url, p.source, p.withheld, l.etag, l.modified, l.known FROM {planned} p "
        f"LEFT JOIN ({_LAST.format(where=where)}) l USING (url)"
    ).to_arrow_reader(10_000)
    for batch in reader:
        yield from batch.to_pylist()
