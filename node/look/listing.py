"""`ls`: what a node holds, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from node.index import Index

_LATEST = """
SELECT digest, size, mediaType, url, requestedAt, source FROM capture
WHERE digest IS NOT NULL AND role = '{role}' {{source}}
QUALIFY row_number() OVER (PARTITION BY source, url ORDER BY log_index DESC, row DESC) = 1
ORDER BY requestedAt DESC, url LIMIT ?
"""

LISTINGS: Mapping[str, str] = {
    "images": _LATEST.format(role="image"),
    "files": _LATEST.format(role="file"),
    "archives": _LATEST.format(role="archive"),
    "failures": """
        SELECT outcome, reason, url, message, lastKnown, requestedAt, source FROM capture
        WHERE outcome IN ('failed', 'gone') {source}
        QUALIFY row_number() OVER (PARTITION BY source, url ORDER BY log_index DESC, row DESC) = 1
        ORDER BY requestedAt DESC, url LIMIT ?
    """,
    "sources": """
        SELECT source, count(DISTINCT crawl) AS crawls, max(requestedAt) AS last,
               count(DISTINCT digest) AS blobs
        FROM capture WHERE true {source} GROUP BY source ORDER BY last DESC LIMIT ?
    """,
    "crawls": """
        SELECT iri, digest, started, ended, source, log_index AS logIndex FROM statement
        WHERE kind = 'Crawl' {source} ORDER BY log_index DESC LIMIT ?
    """,
    "log": """
        SELECT log_index AS logIndex, kind, statement, segment, table_name AS "table", row_count AS rows,
               access FROM leaf WHERE true {source} ORDER BY log_index DESC LIMIT ?
    """,
}


def listing(index: Index, what: str, limit: int, source: str | None) -> list[dict[str, Any]]:
    """Rows of one listing."""
    condition = "AND source = ?" if source else ""
    values = [source, limit] if source else [limit]
    return index.rows(LISTINGS[what].format(source=condition), values)
