"""Stands before what not everybody may do: who asks, what they may, and whether a form is ours.

Other pages use three things: `require(request, deed)` first in a handler, `await checked_form(request)` in
each that takes a form, and `{{ csrf(visitor) }}` out of `account/_csrf.html` in the form itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from node.accounts.database import Who, accounts_database
from node.accounts.lifetime import Lifetime
from node.accounts.people import Account
from node.accounts.roles import LEAST, Deed, Role, deeds, may, may_by_token
from node.accounts.secret import TOKEN_PREFIX, form_token, is_form_token
from node.accounts.sessions import SessionStore
from node.accounts.tokens import TokenStore
from node.compose import Node
from node.config.accounts import OidcConfig
from node.small_database import SmallDatabase
from node.web.account.cookies import client, is_https, session_secret

FIELD: Final = "csrf"
_HEADER: Final = "x-csrf-token"
_MOST_FIELDS: Final = 100
_SCHEME: Final = "bearer "
_DAY, _HOUR = 86400.0, 3600.0


class NotAllowed(Exception):
    """Whoever asks may not do this; `status` is 401 for strangers, who may sign in, or 403."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who is known.

    Attributes:
        account: Who.
        client: The address that they ask from.
        session: The secret of their session; None if they came with a token.
        scopes: What their token is good for; None if they are signed in.
    """

    account: Account
    client: str
    session: str | None = None
    scopes: tuple[Deed, ...] | None = None

    @property
    def who(self) -> Who:
        """As the audit trail names them."""
        return Who(self.account.id, self.client)

    def may(self, deed: Deed) -> bool:
        """Whether they may do something."""
        if self.scopes is not None:
            return may_by_token(self.account.role, self.scopes, deed)
        return may(self.account.role, deed)


class Guard:
    """Knows who asks."""

    def __init__(
        self, live: Callable[[], Node], *, read_only: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """Opens nothing yet.

        Args:
            live: The node as it is at that moment.
            read_only: Know nobody: that somebody came would leave a trace.
            clock: Seconds since 1970.
        """
        self._live = live
        self.read_only = read_only
        self.clock = clock

    @property
    def database(self) -> SmallDatabase:
        """The accounts."""
        return accounts_database(self._live().layout.accounts)

    @property
    def oidc(self) -> OidcConfig | None:
        """The identity provider, if the operator has named one."""
        return self._live().config.oidc

    @property
    def lifetime(self) -> Lifetime:
        """How long sessions last."""
        settings = self._live().config.accounts
        return Lifetime(settings.idle_hours * _HOUR, settings.longest_days * _DAY)

    @property
    def sessions(self) -> SessionStore:
        """Who is signed in."""
        return SessionStore(self.database, self.lifetime)

    def asker(self, request: Request) -> Asker | None:
        """Who asks; None for a stranger. It is looked up once for a request."""
        if not hasattr(request.state, "asker"):
            request.state.asker = None if self.read_only else self._known(request)
        found: Asker | None = request.state.asker
        return found

    def visitor(self, request: Request) -> Mapping[str, Any]:
        """What pages know of who asks; nothing of a stranger."""
        asker = self.asker(request)
        if asker is None or asker.session is None:
            return {}
        account = asker.account
        return {
            "name": account.shown, "role": str(account.role), "agent": account.agent,
            "may": {str(deed) for deed in deeds(account.role)}, FIELD: form_token(asker.session),
        }  # fmt: skip

    def _known(self, request: Request) -> Asker | None:
        field = request.headers.get("authorization", "")
        if field.lower().startswith(_SCHEME):
            return self._by_token(request, field[len(_SCHEME) :].strip())
        secret = session_secret(request)
        account = None if secret is None else self.sessions.account(secret, self.clock())
        return None if account is None else Asker(account, client(request), session=secret)

    def _by_token(self, request: Request, token: str) -> Asker | None:
        if not token.startswith(TOKEN_PREFIX):
            return None
        owner = TokenStore(self.database).owner(token, self.clock())
        return None if owner is None else Asker(owner[0], client(request), scopes=owner[1])


def guard_of(request: Request) -> Guard:
    """The guard of the application that a request came to."""
    found: Guard = request.app.state.guard
    return found


def require(request: Request, deed: Deed) -> Asker:
    """Let nobody pass who may not do something.

    Raises:
        NotAllowed: it is a stranger, or somebody who may not; pages send a stranger to sign in.
    """
    guard = guard_of(request)
    if guard.read_only:
        raise NotAllowed(403, "This server only reads: nobody signs in here.")
    asker = guard.asker(request)
    if asker is None:
        raise NotAllowed(401, "This is for people who are signed in.")
    if not asker.may(deed):
        raise NotAllowed(403, f"This takes the role {LEAST[deed]} at least; yours is {asker.account.role}.")
    return asker


def require_role(request: Request, role: Role) -> Asker:
    """Let nobody pass who is signed in with less than a role; for pages, where no token counts.

    Raises:
        NotAllowed: as `require`.
    """
    asker = require(request, Deed.ACCOUNT)
    if asker.session is None or not asker.account.role.includes(role):
        raise NotAllowed(403, f"This takes the role {role} at least; yours is {asker.account.role}.")
    return asker


async def checked_form(request: Request) -> Mapping[str, str]:
    """The fields of a form, once it is sure that a page of this node sent it for who is signed in.

    A request that carries a token for programs needs no more: no browser sends one by itself.

    Raises:
        NotAllowed: it came from elsewhere, or whoever sent it is not signed in.
    """
    asker = await run_in_threadpool(require, request, Deed.ACCOUNT)
    if asker.session is None:
        return await fields_of(request)
    return await form_under(request, asker.session)


async def form_under(request: Request, secret: str | None) -> Mapping[str, str]:
    """The fields of a form that was made for a secret of the browser.

    Raises:
        NotAllowed: it came from elsewhere.
    """
    if not is_same_origin(request):
        raise NotAllowed(403, "This form was sent by a page elsewhere. Nothing was done.")
    fields = await fields_of(request)
    given = request.headers.get(_HEADER) or fields.get(FIELD, "")
    if secret is None or not is_form_token(secret, given):
        raise NotAllowed(
            403, "This form is too old, or was not made here. Nothing was done: open the page anew."
        )
    return fields


async def fields_of(request: Request) -> Mapping[str, str]:
    """The fields of a form that are text."""
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def is_same_origin(request: Request) -> bool:
    """Whether a browser says that a page of this node sent the request; what is no browser says nothing.

    Fetch Metadata (W3C, section 2.2) and Origin (RFC 6454) are both asked, since each is missing somewhere.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    return origin is None or origin.lower() == f"{'https' if is_https(request) else 'http'}://{host}".lower()
