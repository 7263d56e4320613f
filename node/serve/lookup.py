"""Which digests may be served, in SQLite: asked at every request, where DuckDB would take far longer.

Derived from the index, like that from the logs; it can always be thrown away. A blob is served only if a
public row or leaf names it; what a withheld row of this node names stays withheld whoever else names it. What
was withdrawn stands in a table of its own, since notices and decisions may come and go.
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
from node.look.access import access_of
from node.look.things import BlobThing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS blob (
    digest BLOB PRIMARY KEY, state INTEGER NOT NULL, media_type TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS withdrawn (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applied (origin TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
"""
_UPSERT = (
    "INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT (digest) DO UPDATE SET "
    "state = max(state, excluded.state), "
    # The lesser of two, so that it does not matter in which order rows come.
    "media_type = min(coalesce(media_type, excluded.media_type), coalesce(excluded.media_type, media_type))"
)
_NAMED = """
SELECT digest, 'public' AS access, 'application/ld+json' AS media_type FROM statement
WHERE log = $log AND log_index >= $have
UNION ALL
SELECT segment, access, 'application/vnd.apache.parquet' FROM leaf
WHERE log = $log AND log_index >= $have AND segment IS NOT NULL
UNION ALL
SELECT digest, access, mediaType FROM capture WHERE log = $log AND log_index >= $have AND digest IS NOT NULL
"""


_SEGMENTS_GONE = (
    "SELECT DISTINCT segment FROM leaf WHERE access = 'withdrawn' "
    "AND segment NOT IN (SELECT segment FROM leaf WHERE access = 'public' AND segment IS NOT NULL)"
)
_BLOBS_NAMED = "SELECT DISTINCT digest FROM withdrawn WHERE row IS NULL"


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
        gone = self._db.execute("SELECT 1 FROM withdrawn WHERE digest = ?", (digest.raw,)).fetchone()
        query = "SELECT state, media_type FROM blob WHERE digest = ?"
        row = self._db.execute(query, (digest.raw,)).fetchone()
        if row is not None and row[0] == _State.WITHHELD:
            return AccessClass.WITHHELD, row[1]
        if gone is not None:
            return AccessClass.WITHDRAWN, None
        return None if row is None else (AccessClass.PUBLIC, row[1])

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
            db.execute("DELETE FROM withdrawn")
            db.executemany("INSERT OR IGNORE INTO withdrawn VALUES (?)", _withdrawn(index))
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return taken


def contents(path: Path) -> list[tuple[Any, ...]]:
    """Everything that a look-up holds, in order."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        named = db.execute("SELECT digest, state, media_type FROM blob ORDER BY digest").fetchall()
        return named + db.execute("SELECT digest FROM withdrawn ORDER BY digest").fetchall()


def _withdrawn(index: Index) -> Iterator[tuple[bytes]]:
    """What answers 410: segments that their log no longer serves, and bytes that nobody shows any more."""
    for row in index.rows(_SEGMENTS_GONE):
        yield (row["segment"],)
    for row in index.rows(_BLOBS_NAMED):
        if access_of(index, BlobThing(Digest(row["digest"]))) is AccessClass.WITHDRAWN:
            yield (row["digest"],)


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
        # Withdrawn rows were public; whether they are again is not for a table that only grows.
        state = _State.WITHHELD if row["access"] == AccessClass.WITHHELD else _State.PUBLIC
        yield row["digest"], int(state), row["media_type"]
