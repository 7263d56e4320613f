"""Which digests may be served, in SQLite: asked at every request, where DuckDB would take far longer.

Derived from the index, like that from the logs; it can always be thrown away. A blob is served only if a
public row or leaf names it; what a withheld row of this node names stays withheld whoever else names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from enum import IntEnum
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.index import Index

_SCHEMA = """
CREATE TABLE IF NOT EXISTS blob (
    digest BLOB PRIMARY KEY, state INTEGER NOT NULL, media_type TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applied (origin TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
"""
_UPSERT = (
    "INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET "
    "state = max(state, excluded.state), media_type = coalesce(media_type, excluded.media_type)"
)
_NAMED = """
SELECT digest, 'public' AS access, 'application/ld+json' AS media_type FROM statement
WHERE log = $log AND log_index >= $have
UNION ALL
SELECT segment, access, 'application/vnd.apache.parquet' FROM leaf
WHERE log = $log AND log_index >= $have AND segment IS NOT NULL
UNION ALL
SELECT digest, access, mediaType FROM capture WHERE log = $log AND log_index >= $have AND digest IS NOT NULL
UNION ALL
SELECT unhex(listed[15:78]), 'public', 'application/octet-stream' FROM (
    SELECT CASE kind WHEN 'Slice' THEN document ->> '$.memberList' ELSE document ->> '$.missing' END AS listed
    FROM statement WHERE log = $log AND log_index >= $have AND kind IN ('Slice', 'ReplicaClaim')
) WHERE regexp_full_match(listed, 'hash://sha256/[0-9a-f]{64}')
"""


class _State(IntEnum):
    """A blob's access, so that the stricter one is the greater."""

    PUBLIC = 0
    WITHHELD = 2


class ServedBlobs:
    """The look-up of one process; others may write it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    def find(self, digest: Digest) -> tuple[AccessClass, str | None] | None:
        """Access class and declared media type of a blob; None of one that nothing names."""
        if self._db is None:
            if not self._path.exists():
                return None
            self._db = sqlite3.connect(
                f"{self._path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
        query = "SELECT state, media_type FROM blob WHERE digest = ?"
        row = self._db.execute(query, (digest.raw,)).fetchone()
        if row is None:
            return None
        return AccessClass.PUBLIC if row[0] == _State.PUBLIC else AccessClass.WITHHELD, row[1]

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            self._db.close()
            self._db = None


def bring_up(path: Path, index: Index) -> int:
    """Take in what the index has more than the look-up; returns how many namings of blobs that were."""
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(_SCHEMA)
        db.execute("BEGIN IMMEDIATE")
        try:
            taken = sum(_take(db, index, log, origin or "") for log, origin in index.origins().items())
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return taken


def contents(path: Path) -> list[tuple[bytes, int, str | None]]:
    """Everything that a look-up holds, in order."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return db.execute("SELECT digest, state, media_type FROM blob ORDER BY digest").fetchall()


def _take(db: sqlite3.Connection, index: Index, log: int, origin: str) -> int:
    size = index.log_size(log)
    row = db.execute("SELECT size FROM applied WHERE origin = ?", (origin,)).fetchone()
    have = row[0] if row else 0
    if have >= size:
        return 0
    before = db.total_changes
    db.executemany(_UPSERT, _named(index.stream(_NAMED, {"log": log, "have": have})))
    db.execute("INSERT OR REPLACE INTO applied VALUES (?, ?)", (origin, size))
    return db.total_changes - before


def _named(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[bytes, int, str | None]]:
    for row in rows:
        state = _State.PUBLIC if row["access"] == AccessClass.PUBLIC else _State.WITHHELD
        yield row["digest"], int(state), row["media_type"]
