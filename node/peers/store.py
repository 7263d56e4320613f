"""Peers and followed logs in SQLite: what an operator decided, and what was seen of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from node.errors import PeerError
from node.peers.model import FollowedLog, Peer
from node.small_database import Column, SmallDatabase
from provenance.keys import VerifierKey, parse_public_key

_SCHEMA = """
CREATE TABLE IF NOT EXISTS peer (
    url TEXT PRIMARY KEY, name TEXT NOT NULL, origin TEXT, added TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS log (
    origin TEXT PRIMARY KEY, log_key TEXT NOT NULL, identity TEXT NOT NULL, institution TEXT NOT NULL,
    added TEXT NOT NULL, frozen TEXT, synced TEXT, trouble TEXT, taken INTEGER NOT NULL DEFAULT 0,
    former TEXT NOT NULL DEFAULT '', most INTEGER, used INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS refusal (
    origin TEXT NOT NULL, log_index INTEGER NOT NULL, reason TEXT NOT NULL, void INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (origin, log_index)
) STRICT;
CREATE TABLE IF NOT EXISTS statement (
    origin TEXT NOT NULL, digest BLOB NOT NULL, log_index INTEGER NOT NULL, keys INTEGER NOT NULL,
    PRIMARY KEY (origin, digest)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence (
    origin TEXT NOT NULL, checkpoint BLOB NOT NULL, seen TEXT NOT NULL, url TEXT NOT NULL,
    PRIMARY KEY (origin, checkpoint)
) STRICT;
"""
_ADDED = (
    Column("log", "former", "TEXT NOT NULL DEFAULT ''"),
    Column("log", "most", "INTEGER"),
    Column("log", "used", "INTEGER NOT NULL DEFAULT 0"),
    Column("refusal", "void", "INTEGER NOT NULL DEFAULT 0"),
)
_ADVICE = (
    "It holds the peers and what was seen of their logs: restore it from a backup, or move it away and add "
    "the peers again."
)


class PeerStore:
    """The peers of one node. Each call is a transaction of its own, so several processes may use it."""

    def __init__(self, path: Path) -> None:
        self._database = SmallDatabase(path, _SCHEMA, PeerError, _ADVICE, added=_ADDED)

    def peers(self) -> tuple[Peer, ...]:
        """Every peer, in the order in which they were added."""
        rows = self._database.rows("SELECT url, name, origin, added FROM peer ORDER BY added, url")
        return tuple(Peer(*row) for row in rows)

    def logs(self) -> tuple[FollowedLog, ...]:
        """Every followed log, by its origin."""
        rows = self._database.rows(
            "SELECT log_key, identity, institution, added, frozen, synced, trouble, former, most, used, "
            "(SELECT count(*) FROM refusal WHERE refusal.origin = log.origin AND void) "
            "FROM log ORDER BY origin"
        )
        return tuple(_log(row) for row in rows)

    def log(self, origin: str) -> FollowedLog:
        """One followed log.

        Raises:
            PeerError: no log of this origin is followed.
        """
        for log in self.logs():
            if log.origin == origin:
                return log
        raise PeerError(
            f"This node does not follow the log {origin}. `vasculum peer ls` lists those it does."
        )

    def add(self, peer: Peer, log: FollowedLog) -> None:
        """Remember a peer and follow a log of it; of what is known only its name and the limit change.

        Raises:
            PeerError: the log is followed under another key.
        """
        with self._database.transaction() as db:
            query = "SELECT log_key, identity, former FROM log WHERE origin = ?"
            row = db.execute(query, [log.origin]).fetchone()
            if row is not None and str(log.key) not in (row[0], *row[2].split()):
                raise PeerError(
                    f"{peer.url} shows other keys for the log {log.origin} ({log.key}, {log.identity.did}) "
                    f"than those that this node follows it with ({row[0]}, {row[1]}). Nothing was changed. "
                    f"Ask {log.institution} by another way which are right."
                )
            db.execute(
                "INSERT INTO peer VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET name = excluded.name, "
                "origin = coalesce(excluded.origin, origin)",
                [peer.url, peer.name, peer.origin, peer.added],
            )
            db.execute(
                "INSERT INTO log (origin, log_key, identity, institution, added, most) "
                "VALUES (?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (origin) DO UPDATE SET most = coalesce(excluded.most, most)",
                [log.origin, str(log.key), log.identity.did, log.institution, log.added, log.most],
            )

    def keep(self, log: FollowedLog, taken: int) -> None:
        """Know a log of which everything is here already, such as a former one of this node itself."""
        former = " ".join(str(key) for key in log.former)
        self._database.change(
            "INSERT INTO log (origin, log_key, identity, institution, added, frozen, taken, former) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            [
                log.origin,
                str(log.key),
                log.identity.did,
                log.institution,
                log.added,
                log.frozen,
                taken,
                former,
            ],
        )

    def note_sync(self, origin: str, at: str | None, trouble: str | None) -> None:
        """Take down how a sync ended; without `at`, the time of the last good one stays."""
        self._database.change(
            "UPDATE log SET synced = coalesce(?, synced), trouble = ? WHERE origin = ?", [at, trouble, origin]
        )

    def freeze(self, origin: str, reason: str, evidence: list[tuple[bytes, str]], at: str) -> None:
        """Take nothing more from a log, and keep what proves why.

        Args:
            origin: The log.
            reason: What happened, for a person.
            evidence: Signed checkpoints, each with the URL that showed it.
            at: Now, UTC.
        """
        with self._database.transaction() as db:
            db.execute("UPDATE log SET frozen = coalesce(frozen, ?) WHERE origin = ?", [reason, origin])
            db.executemany(
                "INSERT OR IGNORE INTO evidence VALUES (?, ?, ?, ?)",
                [(origin, checkpoint, at, url) for checkpoint, url in evidence],
            )

    def continued(self, origin: str, reason: str) -> None:
        """Say of a log that cannot go on that another one continues it."""
        self._database.change("UPDATE log SET frozen = ? WHERE origin = ?", [reason, origin])

    def evidence(self, origin: str) -> tuple[tuple[bytes, str], ...]:
        """The checkpoints that contradict each other, each with the URL that showed it."""
        rows = self._database.rows(
            "SELECT checkpoint, url FROM evidence WHERE origin = ? ORDER BY seen", [origin]
        )
        return tuple((checkpoint, url) for checkpoint, url in rows)

    def taken(self, origin: str) -> int:
        """How many leaves of a log are here with all that they name."""
        rows = self._database.rows("SELECT taken FROM log WHERE origin = ?", [origin])
        return int(rows[0][0]) if rows else 0

    def statements(self, origin: str, digests: Iterable[Digest]) -> dict[Digest, int]:
        """Which of some statements of a log count, with their log indexes."""
        query = "SELECT log_index FROM statement WHERE origin = ? AND digest = ?"
        with self._database.reading() as ask:
            found = {digest: ask(query, [origin, digest.raw]) for digest in digests}
        return {digest: rows[0][0] for digest, rows in found.items() if rows}

    def key_statements(self, origin: str) -> tuple[tuple[int, Digest], ...]:
        """The statements of a log about its keys, with their log indexes, in order."""
        query = "SELECT log_index, digest FROM statement WHERE origin = ? AND keys ORDER BY log_index"
        return tuple((index, Digest(digest)) for index, digest in self._database.rows(query, [origin]))

    def rekey(self, origin: str, keys: tuple[VerifierKey, ...]) -> None:
        """Remember the keys that a log itself has told of, the present one first."""
        former = " ".join(str(key) for key in keys[1:])
        self._database.change(
            "UPDATE log SET log_key = ?, former = ? WHERE origin = ?", [str(keys[0]), former, origin]
        )

    def take(
        self,
        origin: str,
        size: int,
        refusals: dict[int, str],
        statements: dict[Digest, int],
        keys: set[Digest],
        *,
        void: frozenset[int] = frozenset(),
        weight: int = 0,
    ) -> None:
        """Say that what the first `size` leaves name is here.

        Args:
            origin: The log.
            size: Up to which leaf.
            refusals: Which entries will never count, with the reasons.
            statements: Those that count, with their log indexes.
            keys: Which of these are about keys.
            void: Which of the refused ones counted, or would have, until a key was revoked back to there.
            weight: How many bytes more the log has here.
        """
        with self._database.transaction() as db:
            db.executemany(
                "INSERT OR IGNORE INTO statement VALUES (?, ?, ?, ?)",
                [(origin, digest.raw, index, digest in keys) for digest, index in statements.items()],
            )
            db.execute(
                "UPDATE log SET taken = max(taken, ?), used = used + ? WHERE origin = ?",
                [size, weight, origin],
            )
            db.executemany(
                "INSERT INTO refusal VALUES (?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET void = max(void, excluded.void)",
                [(origin, index, reason, index in void) for index, reason in refusals.items()],
            )

    def weigh(self, origin: str, weight: int) -> None:
        """Count so many more bytes for a log."""
        self._database.change("UPDATE log SET used = used + ? WHERE origin = ?", [weight, origin])

    def refusals(self, origin: str) -> dict[int, str]:
        """The leaves of a log that do not count, with the reasons."""
        query = "SELECT log_index, reason FROM refusal WHERE origin = ? ORDER BY log_index"
        return dict(self._database.rows(query, [origin]))

    def void(self, origin: str) -> frozenset[int]:
        """Those of the refused leaves that counted, or would have, until a key was revoked back to there."""
        query = "SELECT log_index FROM refusal WHERE origin = ? AND void"
        return frozenset(index for (index,) in self._database.rows(query, [origin]))


def _log(row: tuple[Any, ...]) -> FollowedLog:
    key, identity, institution, added, frozen, synced, trouble, former, most, used, void = row
    keys = tuple(VerifierKey.parse(text) for text in former.split())
    return FollowedLog(
        VerifierKey.parse(key), parse_public_key(identity), institution, added, frozen, synced, trouble, keys,
        most, used, void,
    )  # fmt: skip
