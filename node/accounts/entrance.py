"""Signing in by name and password: slowed down when passwords are wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node.accounts.database import NOBODY, Who, note
from node.accounts.errors import AccountRefused, TooManyAttempts
from node.accounts.names import read_name
from node.accounts.passwords import hashed, is_outdated, is_password
from node.accounts.people import Account, AccountStore
from node.accounts.sessions import SessionStore
from node.accounts.throttle import WINDOW, Counted, counted, wait
from node.small_database import SmallDatabase

# One sentence for every reason: a stranger learns nothing of who has an account here.
_WRONG: Final = "Name or password is wrong."


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where people sign in.

    Attributes:
        database: The accounts.
        sessions: Who is signed in.
    """

    database: SmallDatabase
    sessions: SessionStore

    def sign_in(
        self, name: str, password: str, client: str, now: float, former: str | None = None
    ) -> tuple[Account, str]:
        """Sign in.

        Args:
            name: As typed.
            password: As typed.
            client: The address that it comes from.
            now: The time.
            former: The secret that the browser held until now.

        Returns:
            The account, and the secret for the browser.

        Raises:
            TooManyAttempts: wait; the password was not looked at.
            AccountRefused: name or password is wrong, or the account is disabled.
        """
        account = self.confirm(name, password, client, now)
        return account, self.sessions.begin(account, Who(account.id, client), now, former)

    def confirm(self, name: str, password: str, client: str, now: float) -> Account:
        """Whose name and password these are; also asked of who changes a password.

        Raises:
            TooManyAttempts: wait; the password was not looked at.
            AccountRefused: name or password is wrong, or the account is disabled.
        """
        counts = counted(name, client)
        self._take_a_turn(counts, client, now)
        accounts = AccountStore(self.database)
        account = accounts.find(_name_or_none(name))
        kept = None if account is None or account.disabled else accounts.password(account)
        if not is_password(kept, password) or account is None or kept is None:
            with self.database.transaction() as db:
                note(db, Who(NOBODY, client), now, "sign-in refused", account.id if account else None)
            raise AccountRefused(_WRONG)
        self._forgive(counts)
        if is_outdated(kept):
            self.database.change(
                "UPDATE account SET password = ? WHERE id = ?", [hashed(password), account.id]
            )
        return account

    def _take_a_turn(self, counts: tuple[Counted, ...], client: str, now: float) -> None:
        """Count the attempt before it is judged: else a thousand at once would all be judged."""
        with self.database.transaction() as db:
            db.execute("DELETE FROM failure WHERE at <= ?", [now - WINDOW])
            failures = {
                one.key: [row[0] for row in db.execute("SELECT at FROM failure WHERE key = ?", [one.key])]
                for one in counts
            }
            seconds = wait(counts, failures, now)
            if not seconds:
                db.executemany("INSERT INTO failure VALUES (?, ?)", [[one.key, now] for one in counts])
        if seconds:
            raise TooManyAttempts(seconds)

    def _forgive(self, counts: tuple[Counted, ...]) -> None:
        """A right password clears what was counted of its owner here, and its own attempt elsewhere."""
        own, *others = counts
        with self.database.transaction() as db:
            db.execute("DELETE FROM failure WHERE key = ?", [own.key])
            for one in others:
                db.execute(
                    "DELETE FROM failure WHERE rowid = (SELECT max(rowid) FROM failure WHERE key = ?)",
                    [one.key],
                )


def _name_or_none(name: str) -> str:
    try:
        return read_name(name)
    except AccountRefused:
        return ""
