"""`status`: the node at a glance."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from crawlers.dwca.rows import Flag
from manifests.tables import TABLES
from node.compose import Node
from node.index import Index
from node.peers.model import FollowedLog
from node.storage import sizes_of

# Media that name a specimen which their source lacks.
_UNLINKED = "SELECT count(*) AS n FROM media WHERE current AND contains(flags, ?)"


def status(node: Node) -> dict[str, Any]:
    """Who the node is and what it holds."""
    head = node.reader.head()
    sizes = [size for _, size in sizes_of(node.store)]
    with node.index() as index:
        counts = _counts(index)
    return {
        "node": str(node.layout.root),
        "name": node.config.identity.name,
        "identity": node.identity_public.did,
        "origin": node.config.identity.origin,
        "logKey": str(node.log_key),
        "logSize": head.size,
        "rootHash": head.root.hex(),
        "blobs": len(sizes),
        "bytes": sum(sizes),
        **counts,
        "unfinished": _unfinished(node),
        "peers": len(node.peers.peers()),
        "following": [_followed(node, log) for log in node.peers.logs()],
    }


def _followed(node: Node, log: FollowedLog) -> dict[str, Any]:
    """A followed log at a glance."""
    return {
        "origin": log.origin,
        "institution": log.institution,
        "logSize": node.followed(log).head().size,
        "synced": log.synced,
        "frozen": log.frozen,
    }


def _counts(index: Index) -> dict[str, Any]:
    rows = {}
    for name, schema in TABLES.items():
        alive = "WHERE current" if "change" in schema.names else ""
        rows[name] = index.rows(f"SELECT count(*) AS n FROM {name} {alive}")[0]["n"]
    sources = index.rows("SELECT count(DISTINCT source) AS n FROM capture")[0]["n"]
    crawls = index.rows("SELECT count(*) AS n FROM statement WHERE kind = 'Crawl'")[0]["n"]
    unlinked = index.rows(_UNLINKED, [f'"{Flag.ORPHAN}"'])[0]["n"]
    return {"rows": rows, "unlinkedMedia": unlinked, "sources": sources, "crawls": crawls}


def _unfinished(node: Node) -> list[dict[str, str]]:
    """Crawls under way or cut short; read without the writer lock, so that `status` never waits."""
    if not node.layout.journal.exists():
        return []
    try:
        with closing(
            sqlite3.connect(f"{node.layout.journal.absolute().as_uri()}?mode=ro", uri=True)
        ) as database:
            rows = database.execute("SELECT location, started, crawl FROM crawl ORDER BY started").fetchall()
    except sqlite3.Error:
        return []
    return [{"location": location, "started": started, "crawl": crawl} for location, started, crawl in rows]
