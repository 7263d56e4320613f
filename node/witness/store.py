"""What this node has witnessed: the newest head of each log that it cosigned, and proofs of equivocation.

It is never part of a backup, nor is the witness's key: a witness that forgets what it cosigned can be made to
contradict itself.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from hashstore.digest import Digest
from node.errors import NodeError
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY, origin_hash TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, root BLOB NOT NULL,
    note BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS equivocation (
    digest TEXT PRIMARY KEY, origin TEXT NOT NULL, proof BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS asked (witness TEXT PRIMARY KEY, size INTEGER NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Held:
    """What was cosigned last of a log.

    Attributes:
        head: its head.
        note: the checkpoint with the log's lines and our own; empty if nothing was cosigned yet.
    """

    head: TreeHead = EMPTY_HEAD
    note: bytes = b""


class Writing:
    """One transaction: nobody else reads or writes the heads meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def held(self, origin: str) -> Held:
        """What was cosigned last of a log."""
        row = self._database.execute(
            "SELECT size, root, note FROM cosigned WHERE origin = ?", [origin]
        ).fetchone()
        return Held() if row is None else Held(TreeHead(row[0], row[1]), row[2])

    def cosigned(self, origin: str, held: Held) -> None:
        """Notes what is cosigned now; it counts once the transaction has ended."""
        name = hashlib.sha256(origin.encode()).hexdigest()
        row = (origin, name, held.head.size, held.head.root, held.note)
        self._database.execute("INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?, ?)", row)

    def accuse(self, origin: str, digest: Digest, proof: bytes) -> None:
        """Keeps a proof of equivocation."""
        self._database.execute(
            "INSERT OR IGNORE INTO equivocation VALUES (?, ?, ?)", (digest.uri, origin, proof)
        )

    def asked(self, witness: str, size: int) -> None:
        """Notes which head of our own log a witness cosigned last."""
        self._database.execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", (witness, size))


class WitnessStore:
    """A small SQLite file, safe for any number of threads and processes."""

    def __init__(self, path: Path, patience: float = 30.0) -> None:
        """Names the file; it is made when first written to.

        Args:
            path: The file.
            patience: Seconds to wait for another who writes.
        """
        self.path = path
        self._patience = patience

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """Read and write in one transaction, durable when the block has ended, undone if it raises.

        Raises:
            NodeError: the file is damaged or cannot be written, or others kept it busy.
        """
        try:
            with closing(self._open()) as database:
                database.execute("BEGIN IMMEDIATE")
                try:
                    yield Writing(database)
                except BaseException:
                    database.execute("ROLLBACK")
                    raise
                database.execute("COMMIT")
        except sqlite3.Error as error:
            raise NodeError(f"The record of what was witnessed, {self.path}, fails: {error}") from error

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """The checkpoint of a log as it was cosigned last, by the SHA-256 of the log's name in hex."""
        row = self._one("SELECT note FROM cosigned WHERE origin_hash = ?", origin_hash)
        return None if row is None else bytes(row[0])

    def asked_size(self, witness: str) -> int:
        """Which head of our own log a witness cosigned last, as far as we know; 0 if none."""
        row = self._one("SELECT size FROM asked WHERE witness = ?", witness)
        return 0 if row is None else int(row[0])

    def equivocations(self) -> tuple[tuple[str, Digest, bytes], ...]:
        """Every proof of equivocation: the log's name, the proof's digest, the proof's file."""
        rows = self._all("SELECT origin, digest, proof FROM equivocation ORDER BY origin, digest")
        return tuple((str(row[0]), Digest.parse(row[1]), bytes(row[2])) for row in rows)

    def _one(self, query: str, value: str) -> sqlite3.Row | None:
        return next(iter(self._all(query, value)), None)

    def _all(self, query: str, *values: str) -> list[sqlite3.Row]:
        if not self.path.exists():
            return []
        try:
            with closing(self._open()) as database:
                return database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise NodeError(f"The record of what was witnessed, {self.path}, fails: {error}") from error

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=self._patience, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        # An answer may only leave once what it says is on the disk.
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
        return database
