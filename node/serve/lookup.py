"""Which digests may be served, in SQLite: asked at every request, where DuckDB would take far longer.

Derived from the index, like that from the logs; it can always be thrown away. A blob is served only if a
public row or leaf names it; what a withheld row of this node names stays withheld whoever else names it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import IntEnum
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.access import AccessClass
from node.disclosure.reservations import reservation_headers
from node.index import Index
from node.index.ddl import OWN_LOG
from node.look.access import access_of
from node.look.things import BlobThing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS blob (
    digest BLOB PRIMARY KEY, state INTEGER NOT NULL, media_type TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS applied (origin TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS void (origin TEXT PRIMARY KEY, leaves INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS withdrawn (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reserved (digest BLOB PRIMARY KEY, fields TEXT NOT NULL) STRICT, WITHOUT ROWID;
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
UNION ALL
SELECT derivative, access, mediaType FROM finding
WHERE log = $log AND log_index >= $have AND derivative IS NOT NULL
UNION ALL
SELECT digest, 'public', media_type FROM void WHERE log = $log AND log_index >= $have
"""
# What was taken back may be shown again by a decision of the operator, so it is kept apart.
_TAKEN_BACK = """
SELECT digest FROM capture WHERE access = 'withdrawn' AND digest IS NOT NULL
UNION SELECT derivative FROM finding WHERE access = 'withdrawn' AND derivative IS NOT NULL
UNION SELECT segment FROM leaf WHERE access = 'withdrawn' AND segment IS NOT NULL
UNION SELECT digest FROM withdrawn WHERE row IS NULL
"""
_RESERVED = """
SELECT digest, url, tdmReservation, tdmPolicy, robotsTag FROM capture
WHERE digest IN (
    SELECT digest FROM capture WHERE log = $log AND log_index >= $have
    AND (tdmReservation IS NOT NULL OR robotsTag IS NOT NULL)
) ORDER BY digest, log, log_index, row
"""
# Blobs that statements of these kinds name, beside segments: whoever reads the statement needs them.
_NAMED_IN: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "AnalysisRun": (
        ("memberList",),
        ("analyzer", "identity"),
        ("analyzer", "code"),
        ("analyzer", "parameters"),
        ("analyzer", "model"),
    ),
    "PipelineRun": (("memberList",), ("qualifiedAssociation", "hadPlan"), ("parameters",)),
    "Reproduction": (
        ("analyzer", "identity"),
        ("analyzer", "code"),
        ("analyzer", "parameters"),
        ("analyzer", "model"),
    ),
    "BundleSubmission": (("bundle",), ("used",)),
    "BundleTest": (("analyzer", "identity"), ("analyzer", "parameters")),
    "VectorIndex": (("memberList",), ("vectorIndex",), ("identity",), ("parameters",)),
    "Slice": (("memberList",),),
    "ReplicaClaim": (("missing",),),
    "Equivocation": (("evidence",),),
    "DatasetVersion": (("manifest",), ("datasheet",), ("recipe", "labels"), ("recipe", "leftOut")),
}
_NAMING = (
    "SELECT kind, document FROM statement WHERE log = $log AND log_index >= $have "
    f"AND kind IN ({', '.join(repr(kind) for kind in _NAMED_IN)})"
)


class _State(IntEnum):
    """A blob's access, so that the stricter one is the greater."""

    PUBLIC = 0
    WITHHELD = 2


_FIND = """
SELECT (SELECT state FROM blob WHERE digest = :digest), (SELECT media_type FROM blob WHERE digest = :digest),
       EXISTS (SELECT 1 FROM withdrawn WHERE digest = :digest),
       (SELECT fields FROM reserved WHERE digest = :digest)
"""


@dataclass(frozen=True, slots=True)
class Served:
    """What is known of a blob that may be asked for.

    Attributes:
        access: Its access class.
        media_type: What its server declared; None if nothing did.
        reserved: HTTP fields that say what its publisher reserves.
    """

    access: AccessClass
    media_type: str | None
    reserved: Mapping[str, str]


class ServedBlobs:
    """The look-up of one process; others may write it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None
        self._place: tuple[int, int] | None = None

    def find(self, digest: Digest) -> Served | None:
        """What is known of a blob; None of one that nothing names."""
        if (db := self._opened()) is None:
            return None
        row = db.execute(_FIND, {"digest": digest.raw}).fetchone()
        state, media_type, withdrawn, reserved = row
        if state is None and not withdrawn:
            return None
        public = AccessClass.PUBLIC if state == _State.PUBLIC else AccessClass.WITHHELD
        fields = json.loads(reserved) if reserved else {}
        return Served(AccessClass.WITHDRAWN if withdrawn else public, media_type, fields)

    def _opened(self) -> sqlite3.Connection | None:
        """The file that lies there now: one that was removed or replaced must not go on to be asked."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self.close()
            return None
        place = (found.st_dev, found.st_ino)
        if self._db is None or place != self._place:
            self.close()
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._db, self._place = sqlite3.connect(uri, uri=True, check_same_thread=False), place
        return self._db

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            self._db.close()
            self._db = None


def bring_up(path: Path, index: Index, hidden: Iterable[Digest]) -> int:
    """Take in what the index has more than the look-up; returns how many namings of blobs that were.

    Args:
        path: The look-up.
        index: The open index.
        hidden: What is not served although no notice names it, since it tells of what is withdrawn.
    """
    if path.exists():
        return _bring_up(path, index, hidden)
    # Workers look for the file all the time, and are to find it whole. A log that a removed one has left
    # behind would be played into the new one.
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    taken = _bring_up(fresh, index, hidden)
    fresh.replace(path)
    return taken


def _bring_up(path: Path, index: Index, hidden: Iterable[Digest]) -> int:
    with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(_SCHEMA)
        db.execute("BEGIN IMMEDIATE")
        try:
            _start_anew(db, index)
            taken = sum(_take(db, index, log, origin or "") for log, origin in index.origins().items())
            _take_back(db, index, hidden)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
    return taken


def _start_anew(db: sqlite3.Connection, index: Index) -> None:
    """Forget everything once rows went that were taken in: what they alone named is served no more."""
    void = {origin or "": index.meta(f"void {log}") for log, origin in index.origins().items()}
    void = {origin: leaves for origin, leaves in void.items() if leaves}
    if dict(db.execute("SELECT origin, leaves FROM void")) != void:
        for table in ("blob", "applied", "reserved", "void"):
            db.execute(f"DELETE FROM {table}")
        db.executemany("INSERT INTO void VALUES (?, ?)", void.items())


def _take_back(db: sqlite3.Connection, index: Index, hidden: Iterable[Digest]) -> None:
    """Say anew what is withdrawn: a decision or a setting may have changed that without any new leaf."""
    candidates = (Digest(row["digest"]) for row in index.rows(_TAKEN_BACK))
    gone = sorted(
        {(digest.raw,) for digest in candidates if _is_gone(index, digest)} | {(d.raw,) for d in hidden}
    )
    if db.execute("SELECT digest FROM withdrawn ORDER BY digest").fetchall() != gone:
        db.execute("DELETE FROM withdrawn")
        db.executemany("INSERT INTO withdrawn VALUES (?)", gone)


def _is_gone(index: Index, digest: Digest) -> bool:
    leaves = index.rows("SELECT DISTINCT access FROM leaf WHERE segment = ?", [digest.raw])
    if leaves:
        return {row["access"] for row in leaves} == {"withdrawn"}
    return access_of(index, BlobThing(digest)) is AccessClass.WITHDRAWN


def contents(path: Path) -> list[tuple[Any, ...]]:
    """Everything that a look-up holds, in order; what else is known of withdrawn blobs does not matter."""
    shown = "digest NOT IN (SELECT digest FROM withdrawn)"
    queries = (f"blob WHERE {shown}", "withdrawn", f"reserved WHERE {shown}")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
        return [row for query in queries for row in db.execute(f"SELECT * FROM {query} ORDER BY digest")]


def _take(db: sqlite3.Connection, index: Index, log: int, origin: str) -> int:
    size = index.log_size(log)
    row = db.execute("SELECT size FROM applied WHERE origin = ?", (origin,)).fetchone()
    have = row[0] if row else 0
    if have >= size:
        return 0
    before = db.total_changes
    new = {"log": log, "have": have}
    db.executemany(_UPSERT, _named(index.stream(_NAMED, new), own=log == OWN_LOG))
    db.executemany(_UPSERT, _named_in(index.stream(_NAMING, new)))
    rows = index.rows(_RESERVED, {"log": log, "have": have})
    for raw, captures in groupby(rows, key=lambda row: row["digest"]):
        fields = json.dumps(reservation_headers(captures), sort_keys=True)
        db.execute("INSERT OR REPLACE INTO reserved VALUES (?, ?)", (raw, fields))
    db.execute("INSERT OR REPLACE INTO applied VALUES (?, ?)", (origin, size))
    return db.total_changes - before


def _named_in(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[bytes, int, str | None]]:
    for row in rows:
        document = json.loads(row["document"])
        for path in _NAMED_IN[row["kind"]]:
            named = reduce(
                lambda node, name: node.get(name) if isinstance(node, dict) else None, path, document
            )
            for one in named if isinstance(named, list) else [named]:
                if isinstance(one, str) and one.startswith("hash://sha256/"):
                    yield Digest.parse(one).raw, int(_State.PUBLIC), None


def _named(rows: Iterable[dict[str, Any]], *, own: bool) -> Iterator[tuple[bytes, int, str | None]]:
    for row in rows:
        withheld = row["access"] == AccessClass.WITHHELD
        # What others withhold hides nothing here, or any log that is followed could take blobs off the net.
        if own or not withheld:
            state = _State.WITHHELD if withheld else _State.PUBLIC
            yield row["digest"], int(state), row["media_type"]
