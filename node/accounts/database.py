"""The file of accounts, and the trail of what was done with them; both change in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection
from typing import Final

from node.accounts.errors import AccountError
from node.small_database import SmallDatabase

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, shown TEXT NOT NULL, role TEXT NOT NULL, password TEXT,
    disabled INTEGER NOT NULL DEFAULT 0, created TEXT NOT NULL, orcid TEXT, issuer TEXT, subject TEXT,
    UNIQUE (issuer, subject)
) STRICT;
CREATE TABLE IF NOT EXISTS session (
    secret TEXT PRIMARY KEY, account TEXT NOT NULL, begun REAL NOT NULL, used REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS session_of ON session (account);
CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY, secret TEXT NOT NULL UNIQUE, account TEXT NOT NULL, label TEXT NOT NULL,
    scopes TEXT NOT NULL, created TEXT NOT NULL, expires REAL NOT NULL, used REAL
) STRICT;
CREATE INDEX IF NOT EXISTS token_of ON token (account);
CREATE TABLE IF NOT EXISTS flow (
    state TEXT PRIMARY KEY, browser TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL,
    target TEXT NOT NULL, at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS failure (key TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS failure_of ON failure (key, at);
CREATE TABLE IF NOT EXISTS audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, actor TEXT NOT NULL, deed TEXT NOT NULL,
    subject TEXT, detail TEXT, client TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_not_rewritten BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
"""
_ADVICE: Final = "It holds the accounts of this node: restore it from a backup."
_ENTRY: Final = "INSERT INTO audit (at, actor, deed, subject, detail, client) VALUES (?, ?, ?, ?, ?, ?)"
# Who works at the machine itself; there is nobody above them.
AT_THE_MACHINE: Final = "command line"
NOBODY: Final = "nobody"


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something.

    Attributes:
        actor: The id of an account, `NOBODY` for a stranger, or `AT_THE_MACHINE` with a user's name.
        client: The address that it comes from; empty for the command line.
    """

    actor: str
    client: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done.

    Attributes:
        number: From 1 on.
        at: When, ISO 8601 UTC.
        actor: Who did it.
        deed: What.
        subject: To which account or token; None if to none that there is.
        detail: In which way; None if there is no more to say.
        client: From which address.
    """

    number: int
    at: str
    actor: str
    deed: str
    subject: str | None
    detail: str | None
    client: str

    @property
    def document(self) -> Mapping[str, object]:
        """As JSON."""
        return {
            "number": self.number, "at": self.at, "actor": self.actor, "deed": self.deed,
            "subject": self.subject, "detail": self.detail, "client": self.client,
        }  # fmt: skip


def accounts_database(path: Path) -> SmallDatabase:
    """The file; it is made when it is first written to, for the node's own user only."""
    return SmallDatabase(path, _SCHEMA, AccountError, _ADVICE, private=True)


def note(
    db: Connection, who: Who, now: float, deed: str, subject: str | None = None, detail: str | None = None
) -> None:
    """Write down what is done, in the transaction that does it."""
    db.execute(_ENTRY, [moment(now), who.actor, deed, subject, detail, who.client])


def trail(database: SmallDatabase, limit: int, before: int | None = None) -> list[Entry]:
    """The newest entries of the audit trail, the newest first.

    Args:
        database: The accounts.
        limit: So many at most.
        before: Only entries with lower numbers.
    """
    query = (
        "SELECT number, at, actor, deed, subject, detail, client FROM audit WHERE number < ? "
        "ORDER BY number DESC LIMIT ?"
    )
    return [Entry(*row) for row in database.rows(query, [before or 1 << 62, limit])]


def moment(now: float) -> str:
    """A time as it is written, ISO 8601 UTC."""
    return datetime.fromtimestamp(int(now), UTC).isoformat().replace("+00:00", "Z")
