"""Tokens for programs: each for some deeds and some time, shown once and kept as a hash."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from node.accounts.database import Who, moment, note
from node.accounts.errors import AccountRefused
from node.accounts.lifetime import is_to_be_noted
from node.accounts.names import read_shown
from node.accounts.people import Account, AccountStore
from node.accounts.roles import Deed, may
from node.accounts.secret import kept_of, new_token
from node.small_database import SmallDatabase

LONGEST_DAYS: Final = 366
MOST_TOKENS: Final = 50
_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; not its secret.

    Attributes:
        id: `urn:uuid:...`.
        label: What its owner calls it.
        scopes: What it is good for.
        created: When it was made, ISO 8601 UTC.
        expires: When it ends, ISO 8601 UTC.
        used: When it was used last, ISO 8601 UTC; None for never.
    """

    id: str
    label: str
    scopes: tuple[Deed, ...]
    created: str
    expires: str
    used: str | None

    @property
    def document(self) -> Mapping[str, Any]:
        """As JSON."""
        return {
            "id": self.id, "label": self.label, "scopes": [str(scope) for scope in self.scopes],
            "created": self.created, "expires": self.expires, "used": self.used,
        }  # fmt: skip


class TokenStore:
    """All tokens of a node."""

    def __init__(self, database: SmallDatabase) -> None:
        """Over the file of accounts."""
        self._database = database

    def make(
        self, account: Account, label: str, scopes: tuple[Deed, ...], days: int, who: Who, now: float
    ) -> str:
        """Make a token; returns its secret, which nobody can be told again.

        Raises:
            AccountRefused: it is good for nothing, for more than its owner may do, or for too long.
        """
        _check(account, scopes, days)
        secret, identifier, named = new_token(), uuid.uuid4().urn, read_shown(label)
        written = " ".join(sorted(set(scopes)))
        with self._database.transaction() as db:
            db.execute("DELETE FROM token WHERE expires <= ?", [now])
            held = db.execute("SELECT count(*) FROM token WHERE account = ?", [account.id]).fetchone()[0]
            if held >= MOST_TOKENS:
                raise AccountRefused(f"One account has at most {MOST_TOKENS} tokens. Revoke one first.")
            db.execute(
                "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
                [identifier, kept_of(secret), account.id, named, written, moment(now), now + days * _DAY],
            )
            note(db, who, now, "token made", identifier, f"for {account.id}: {written}, {days} days")
        return secret

    def listed(self, account: Account, now: float) -> list[Token]:
        """The tokens that somebody has."""
        query = (
            "SELECT id, label, scopes, created, expires, used FROM token "
            "WHERE account = ? AND expires > ? ORDER BY created, id"
        )
        return [_token(row) for row in self._database.rows(query, [account.id, now])]

    def revoke(self, account: Account, identifier: str, who: Who, now: float) -> None:
        """End a token.

        Raises:
            AccountRefused: this account has no such token.
        """
        with self._database.transaction() as db:
            ended = db.execute("DELETE FROM token WHERE account = ? AND id = ?", [account.id, identifier])
            if not ended.rowcount:
                raise AccountRefused(f"{account.name} has no token {identifier!r}.")
            note(db, who, now, "token revoked", identifier, f"of {account.id}")

    def owner(self, secret: str, now: float) -> tuple[Account, tuple[Deed, ...]] | None:
        """Whose a token is, and what it is good for; None if it counts no more or never did."""
        kept = kept_of(secret)
        query = "SELECT account, scopes, used FROM token WHERE secret = ? AND expires > ?"
        rows = self._database.rows(query, [kept, now])
        account = AccountStore(self._database).find(rows[0][0]) if rows else None
        if account is None or account.disabled:
            return None
        if is_to_be_noted(rows[0][2] or 0.0, now):
            self._database.change("UPDATE token SET used = ? WHERE secret = ?", [now, kept])
        return account, _scopes(rows[0][1])


def _check(account: Account, scopes: tuple[Deed, ...], days: int) -> None:
    if not scopes:
        raise AccountRefused("A token is good for something: name at least one scope.")
    for scope in scopes:
        if not may(account.role, scope):
            raise AccountRefused(f"A {account.role} may not {scope}, nor may their tokens.")
    if not 1 <= days <= LONGEST_DAYS:
        raise AccountRefused(f"A token lasts 1 to {LONGEST_DAYS} days.")


def _token(row: Any) -> Token:
    identifier, label, scopes, created, expires, used = row
    return Token(
        identifier, label, _scopes(scopes), created, moment(expires), None if used is None else moment(used)
    )


def _scopes(text: str) -> tuple[Deed, ...]:
    return tuple(Deed(scope) for scope in text.split())
