"""`ls`: what a node holds, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manifests.access import AccessClass
from node.index import Index
from node.policy import Principal, decide

# An answer that says "unchanged" carries neither size nor type; an earlier capture of the same bytes does.
_LATEST = """
SELECT digest, coalesce(size, max(size) OVER same_bytes) AS size,
       coalesce(mediaType, max(mediaType) OVER same_bytes) AS mediaType, url, requestedAt, source FROM capture
WHERE digest IS NOT NULL AND role = '{role}' AND access IN (SELECT unnest($access)) {{source}}
WINDOW same_bytes AS (PARTITION BY digest)
QUALIFY row_number() OVER (PARTITION BY log, source, url ORDER BY log_index DESC, row DESC) = 1
ORDER BY requestedAt DESC, url LIMIT $most
"""

LISTINGS: Mapping[str, str] = {
    "images": _LATEST.format(role="image"),
    "files": _LATEST.format(role="file"),
    "archives": _LATEST.format(role="archive"),
    "failures": """
        SELECT outcome, reason, url, message, lastKnown, requestedAt, source FROM capture
        WHERE outcome IN ('failed', 'gone') AND access IN (SELECT unnest($access)) {source}
        QUALIFY row_number() OVER (PARTITION BY log, source, url ORDER BY log_index DESC, row DESC) = 1
        ORDER BY requestedAt DESC, url LIMIT $most
    """,
    "sources": """
        SELECT source, count(DISTINCT crawl) AS crawls, max(requestedAt) AS last,
               count(DISTINCT digest) AS blobs
        FROM capture WHERE access IN (SELECT unnest($access)) {source}
        GROUP BY source ORDER BY last DESC LIMIT $most
    """,
    "crawls": """
        SELECT iri, digest, started, ended, source, log_index AS logIndex FROM statement
        WHERE kind = 'Crawl' {source} ORDER BY log, log_index DESC LIMIT $most
    """,
    "log": """
        SELECT log_index AS logIndex, kind, statement, segment, table_name AS "table", row_count AS rows,
               access FROM own_leaf WHERE true {source} ORDER BY log_index DESC LIMIT $most
    """,
}


def listing(
    index: Index, what: str, limit: int, source: str | None, principal: Principal
) -> list[dict[str, Any]]:
    """Rows of one listing, as far as `principal` may read them."""
    query = LISTINGS[what].format(source="AND source = $source" if source else "")
    access = [str(kind) for kind in AccessClass if decide(principal, kind).allowed]
    values = {"most": limit, "source": source, "access": access}
    return index.rows(query, {name: value for name, value in values.items() if f"${name}" in query})
