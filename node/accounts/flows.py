"""Sign-ins by way of a provider that are under way, each bound to the browser that began it."""

from __future__ import annotations

from typing import Final

from node.accounts.errors import AccountRefused
from node.accounts.oidc import Flow
from node.accounts.secret import kept_of
from node.small_database import SmallDatabase

_SECONDS: Final = 600.0  # somebody has to type a password meanwhile


def keep_flow(database: SmallDatabase, flow: Flow, browser: str, target: str, now: float) -> None:
    """Remember a sign-in.

    Args:
        database: The accounts.
        flow: It.
        browser: The secret in the browser's cookie.
        target: Where to go then.
        now: The time.
    """
    with database.transaction() as db:
        db.execute("DELETE FROM flow WHERE at <= ?", [now - _SECONDS])
        db.execute(
            "INSERT INTO flow VALUES (?, ?, ?, ?, ?, ?)",
            [kept_of(flow.state), kept_of(browser), flow.nonce, flow.verifier, target, now],
        )


def take_flow(database: SmallDatabase, state: str, browser: str, now: float) -> tuple[Flow, str]:
    """The sign-in of a state, and where to go then; it is taken once.

    Raises:
        AccountRefused: this browser did not begin it, or too long ago.
    """
    with database.transaction() as db:
        row = db.execute(
            "DELETE FROM flow WHERE state = ? AND browser = ? AND at > ? RETURNING nonce, verifier, target",
            [kept_of(state), kept_of(browser), now - _SECONDS],
        ).fetchone()
    if row is None:
        raise AccountRefused("This sign-in was not begun here, or too long ago. Try again.")
    return Flow(state, row[0], row[1]), row[2]
