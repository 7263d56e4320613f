"""The accounts themselves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, Final

from node.accounts.database import Who, moment, note
from node.accounts.errors import AccountRefused, NoSuchAccount
from node.accounts.roles import Role
from node.small_database import SmallDatabase

_COLUMNS: Final = "id, name, shown, role, disabled, created, orcid"
_BY: Final = {
    "id": f"SELECT {_COLUMNS} FROM account WHERE id = ?",
    "name": f"SELECT {_COLUMNS} FROM account WHERE name = ?",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person with an account.

    Attributes:
        id: `urn:uuid:...`, made with the account and never used again.
        name: By which they sign in.
        shown: As others see them.
        role: What they may do.
        disabled: Whether they may not sign in.
        created: When, ISO 8601 UTC.
        orcid: `https://orcid.org/...`, if an identity provider has vouched for it.
    """

    id: str
    name: str
    shown: str
    role: Role
    disabled: bool
    created: str
    orcid: str | None = None

    @property
    def agent(self) -> str:
        """Who says what they say, in signed statements."""
        return self.orcid or self.id

    @property
    def document(self) -> Mapping[str, Any]:
        """As JSON."""
        return {
            "id": self.id, "name": self.name, "shown": self.shown, "role": str(self.role),
            "agent": self.agent, "disabled": self.disabled, "created": self.created,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be.

    Attributes:
        name: By which they sign in, as `read_name` gives it.
        shown: As others see them, as `read_shown` gives it.
        role: What they may do.
        password: As `hashed` gives it; None for who signs in elsewhere.
        orcid: `https://orcid.org/...`, if vouched for.
        issuer: The identity provider, if any.
        subject: Who they are to it.
    """

    name: str
    shown: str
    role: Role
    password: str | None = None
    orcid: str | None = None
    issuer: str | None = None
    subject: str | None = None


class AccountStore:
    """All accounts of a node."""

    def __init__(self, database: SmallDatabase) -> None:
        """Over the file of accounts."""
        self._database = database

    def all(self) -> list[Account]:
        """Every account, by name."""
        return [_account(row) for row in self._database.rows(f"SELECT {_COLUMNS} FROM account ORDER BY name")]

    def find(self, name: str) -> Account | None:
        """The account of a name, or of an id."""
        rows = self._database.rows(_BY["id" if name.startswith("urn:uuid:") else "name"], [name])
        return _account(rows[0]) if rows else None

    def require(self, name: str) -> Account:
        """The account of a name, or of an id.

        Raises:
            NoSuchAccount: there is none.
        """
        found = self.find(name)
        if found is None:
            raise NoSuchAccount(f"Nobody has the account {name!r} here. `vasculum user ls` lists them.")
        return found

    def known_to(self, issuer: str, subject: str) -> Account | None:
        """The account of whom an identity provider knows."""
        query = f"SELECT {_COLUMNS} FROM account WHERE issuer = ? AND subject = ?"
        rows = self._database.rows(query, [issuer, subject])
        return _account(rows[0]) if rows else None

    def password(self, account: Account) -> str | None:
        """What is kept of a password."""
        rows = self._database.rows("SELECT password FROM account WHERE id = ?", [account.id])
        return rows[0][0] if rows else None

    def add(self, new: NewAccount, who: Who, now: float) -> Account:
        """Make an account.

        Raises:
            AccountRefused: there is one of that name.
        """
        made = Account(uuid.uuid4().urn, new.name, new.shown, new.role, False, moment(now), new.orcid)
        with self._database.transaction() as db:
            if db.execute("SELECT 1 FROM account WHERE name = ?", [new.name]).fetchone():
                raise AccountRefused(f"There is an account {new.name!r} already.")
            db.execute(
                "INSERT INTO account (id, name, shown, role, password, created, orcid, issuer, subject) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [made.id, made.name, made.shown, made.role, new.password, made.created, new.orcid, new.issuer,
                 new.subject],
            )  # fmt: skip
            note(db, who, now, "account made", made.id, f"{made.name}, {made.role}")
        return made

    def set_role(self, account: Account, role: Role, who: Who, now: float) -> None:
        """Give another role; it counts from the next request on."""
        with self._database.transaction() as db:
            db.execute("UPDATE account SET role = ? WHERE id = ?", [role, account.id])
            note(db, who, now, "role changed", account.id, f"{account.role} to {role}")

    def set_password(self, account: Account, password: str, who: Who, now: float) -> None:
        """Give another password, as `hashed` gives it, and end every session: one may be a thief's."""
        with self._database.transaction() as db:
            db.execute("UPDATE account SET password = ? WHERE id = ?", [password, account.id])
            _end_sessions(db, account)
            note(db, who, now, "password changed", account.id)

    def set_disabled(self, account: Account, disabled: bool, who: Who, now: float) -> None:
        """Lock somebody out, at once, or let them in again; what they said stays theirs."""
        with self._database.transaction() as db:
            db.execute("UPDATE account SET disabled = ? WHERE id = ?", [int(disabled), account.id])
            if disabled:
                _end_sessions(db, account)
            note(db, who, now, "account disabled" if disabled else "account enabled", account.id)


def _end_sessions(db: Connection, account: Account) -> None:
    db.execute("DELETE FROM session WHERE account = ?", [account.id])


def _account(row: Any) -> Account:
    identifier, name, shown, role, disabled, created, orcid = row
    return Account(identifier, name, shown, Role(role), bool(disabled), created, orcid)
