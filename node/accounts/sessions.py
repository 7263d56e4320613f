"""Who is signed in: a browser holds a secret, and only its hash is kept."""

from __future__ import annotations

from node.accounts.database import Who, note
from node.accounts.lifetime import Lifetime, is_alive, is_to_be_noted
from node.accounts.people import Account, AccountStore
from node.accounts.secret import kept_of, new_secret
from node.small_database import SmallDatabase


class SessionStore:
    """All sessions of a node."""

    def __init__(self, database: SmallDatabase, lifetime: Lifetime) -> None:
        """Over the file of accounts.

        Args:
            database: It.
            lifetime: How long a session lasts.
        """
        self._database = database
        self._lifetime = lifetime

    def begin(self, account: Account, who: Who, now: float, former: str | None = None) -> str:
        """Sign somebody in; returns the secret for the browser, always a new one.

        Args:
            account: Whom.
            who: The same, and from where.
            now: The time.
            former: The secret that the browser held until now; its session ends.
        """
        secret = new_secret()
        with self._database.transaction() as db:
            db.execute(
                "DELETE FROM session WHERE secret = ? OR begun <= ? OR used <= ?",
                [kept_of(former or ""), now - self._lifetime.longest, now - self._lifetime.idle],
            )
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?)", [kept_of(secret), account.id, now, now])
            note(db, who, now, "signed in", account.id)
        return secret

    def account(self, secret: str, now: float) -> Account | None:
        """Whose session a secret is; None if it is none, has ended, or its owner is locked out."""
        kept = kept_of(secret)
        rows = self._database.rows("SELECT account, begun, used FROM session WHERE secret = ?", [kept])
        if not rows or not is_alive(self._lifetime, rows[0][1], rows[0][2], now):
            return None
        account = AccountStore(self._database).find(rows[0][0])
        if account is None or account.disabled:
            return None
        if is_to_be_noted(rows[0][2], now):
            self._database.change("UPDATE session SET used = ? WHERE secret = ?", [now, kept])
        return account

    def end(self, secret: str, who: Who, now: float) -> None:
        """Sign out."""
        with self._database.transaction() as db:
            if db.execute("DELETE FROM session WHERE secret = ?", [kept_of(secret)]).rowcount:
                note(db, who, now, "signed out", who.actor)

    def count(self, account: Account) -> int:
        """In how many browsers somebody is signed in, as far as is known."""
        rows = self._database.rows("SELECT count(*) FROM session WHERE account = ?", [account.id])
        return int(rows[0][0]) if rows else 0
