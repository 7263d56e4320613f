"""What this node wants to replicate, and what its caches brought, in SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hashstore.digest import Digest
from node.errors import SliceError
from node.slices.eviction import Held
from node.small_database import SmallDatabase

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mirror (
    slice BLOB PRIMARY KEY, mode TEXT NOT NULL, quota INTEGER, added TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS cached (
    slice BLOB NOT NULL, digest BLOB NOT NULL, size INTEGER NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (slice, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cached_digest ON cached (digest);
"""
_ADVICE = (
    "It says which slices are replicated here: restore it from a backup, or move it away and add the "
    "mirrors; no bytes are lost."
)


class Mode(StrEnum):
    """How much of a slice a node keeps."""

    MIRROR = "mirror"
    """Every member, for as long as the operator wants."""
    CACHE = "cache"
    """As many as the quota allows; the least recently used give way."""
    INDEX_ONLY = "index-only"
    """None: only the list of them."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A slice that the operator wants here.

    Attributes:
        slice: Its statement.
        mode: How much of it.
        quota: Bytes that it may take; None for no limit.
        added: When the operator said so, UTC.
    """

    slice: Digest
    mode: Mode
    quota: int | None
    added: str


class SliceStore:
    """The mirrors of one node. Each call is a transaction of its own, so several processes may use it."""

    def __init__(self, path: Path) -> None:
        self._database = SmallDatabase(path, _SCHEMA, SliceError, _ADVICE)

    def mirrors(self) -> tuple[Mirror, ...]:
        """Every mirror, in the order in which they were added."""
        rows = self._database.rows("SELECT slice, mode, quota, added FROM mirror ORDER BY added, slice")
        return tuple(Mirror(Digest(slice), Mode(mode), quota, added) for slice, mode, quota, added in rows)

    def add(self, mirror: Mirror) -> None:
        """Want a slice; one that is wanted already gets the new mode and quota.

        What a cache brought stays known as that, so that a mirror that becomes a cache again can give it up.
        """
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO mirror VALUES (?, ?, ?, ?) ON CONFLICT (slice) DO UPDATE SET "
                "mode = excluded.mode, quota = excluded.quota",
                [mirror.slice.raw, mirror.mode, mirror.quota, mirror.added],
            )

    def cached(self, slice: Digest) -> tuple[Held, ...]:
        """What the cache of a slice brought here and has not given up."""
        rows = self._database.rows("SELECT digest, size, used FROM cached WHERE slice = ?", [slice.raw])
        return tuple(Held(Digest(digest), size, used) for digest, size, used in rows)

    def note_cached(self, slice: Digest, held: Iterable[Held]) -> None:
        """Take down what the cache of a slice brought."""
        with self._database.transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO cached VALUES (?, ?, ?, ?)",
                [(slice.raw, one.digest.raw, one.size, one.used) for one in held],
            )

    def touch(self, digests: Iterable[Digest], now: int) -> None:
        """Say that blobs were read: what is used stays longer.

        Args:
            digests: Any; those that no cache brought are passed over.
            now: `time.time_ns()`.
        """
        if not self._database.is_there:
            return  # no slice is kept here, so there is nothing to keep longer
        with self._database.transaction() as db:
            db.executemany(
                "UPDATE cached SET used = max(used, ?) WHERE digest = ?",
                [(now, digest.raw) for digest in digests],
            )

    def forget(self, slice: Digest, digests: Iterable[Digest]) -> frozenset[Digest]:
        """The cache of a slice gives blobs up; returns those that no other cache wants."""
        given_up = list(digests)
        with self._database.transaction() as db:
            db.executemany(
                "DELETE FROM cached WHERE slice = ? AND digest = ?",
                [(slice.raw, digest.raw) for digest in given_up],
            )
            query = "SELECT 1 FROM cached WHERE digest = ?"
            return frozenset(one for one in given_up if db.execute(query, [one.raw]).fetchone() is None)
