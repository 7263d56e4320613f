"""From any bytes back to source row, URL, time, HTTP status, crawl, key and log index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hashstore.digest import Digest
from manifests.row_uri import RowUri
from manifests.source_row import SourceRow
from node.index import Index
from node.policy import Principal, may_read

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """One time that bytes were met, and everything known about it.

    Attributes:
        capture: The capture row, with its `rowUri`, `log`, `log_index` and `access`.
        crawl: The statement of the crawl: its digest, IRI, log index, signer and times.
        media: Media rows that name the captured URL.
        specimens: Specimen rows that these media rows belong to.
        archives: Digests of the archives in which those rows stand.
    """

    capture: Row
    crawl: Row
    media: tuple[Row, ...]
    specimens: tuple[Row, ...]
    archives: tuple[Digest, ...]


_CAPTURES = """
SELECT t.*, leaf.segment, s.digest AS statement, s.log_index AS statement_index, s.iri, s.kind, s.signer,
       s.started, s.ended
FROM capture t JOIN leaf USING (log, log_index)
JOIN statement s ON s.log = leaf.log AND s.digest = leaf.statement
WHERE {where} ORDER BY t.requestedAt, t.log, t.log_index, t.row
"""
_CRAWL_COLUMNS = ("statement", "statement_index", "iri", "kind", "signer", "started", "ended")


def history(index: Index, digest: Digest, principal: Principal) -> tuple[Origin, ...]:
    """Every capture of some bytes that `principal` may read, oldest first, followed back to its source."""
    return origins(index, "t.digest = ?", [digest.raw], principal)


def origins(index: Index, where: str, values: list[Any], principal: Principal) -> tuple[Origin, ...]:
    """The captures that fit a condition, each followed back to its source as far as `principal` may see."""
    found = []
    for row in index.rows(_CAPTURES.format(where=where), values):
        crawl = {name: row.pop(name) for name in _CRAWL_COLUMNS}
        if may_read(principal, row):
            found.append(_followed(index, with_uri(row), crawl, principal))
    return tuple(found)


def _followed(index: Index, capture: Row, crawl: Row, principal: Principal) -> Origin:
    where = "t.log = ? AND t.source = ? AND (t.accessURI = ? OR t.identifier = ?)"
    values = [capture["log"], capture["source"], capture["url"], capture["url"]]
    media = _readable(principal, index, "media", where, values)
    ids = sorted({row["id"] for row in media if row["id"]})
    where = "t.log = ? AND t.source = ? AND t.id IN (SELECT unnest(?))"
    values = [capture["log"], capture["source"], ids]
    specimens = _readable(principal, index, "specimen", where, values) if ids else ()
    archives = {
        SourceRow.parse(row["sourceRow"]).file.digest for row in (*media, *specimens) if row["sourceRow"]
    }
    return Origin(capture, crawl, media, specimens, tuple(sorted(archives)))


def _readable(
    principal: Principal, index: Index, table: str, where: str, values: list[Any]
) -> tuple[Row, ...]:
    return tuple(row for row in rows_of(index, table, where, values) if may_read(principal, row))


def rows_of(index: Index, table: str, where: str, values: list[Any]) -> tuple[Row, ...]:
    """Rows of a table with their URIs, in log order; `where` names the table `t`."""
    query = (
        f"SELECT t.*, leaf.segment FROM {table} t JOIN leaf USING (log, log_index) WHERE {where} "
        "ORDER BY t.log, t.log_index, t.row"
    )
    return tuple(with_uri(row) for row in index.rows(query, values))


def with_uri(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the index with its URI in the place of its segment."""
    return {**row, "rowUri": str(RowUri(Digest(row.pop("segment")), row["row"]))}
