"""The own account: who one is, another password, tokens for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from node.accounts.entrance import Entrance
from node.accounts.errors import AccountRefused
from node.accounts.names import read_password
from node.accounts.passwords import hashed
from node.accounts.people import AccountStore
from node.accounts.roles import Deed, deeds
from node.accounts.tokens import TokenStore
from node.serve.described import BY_TOKEN, gives, problems
from node.web.account.cookies import give_session
from node.web.account.guard import Asker, Guard, NotAllowed, checked_form, require
from node.web.account.refusing import PRIVATE
from node.web.pages import Pages

_TOKEN_DAYS: Final = (30, 90, 366)
_ME: Final = gives("Who asks.", id="string", name="string", role="string", agent="string", may="array")


def add_own(api: FastAPI, guard: Guard, pages: Pages) -> None:
    """Show people their accounts, on an application.

    Args:
        api: The application.
        guard: Knows who asks.
        pages: Renders.
    """

    @api.get("/account", include_in_schema=False)
    def own(request: Request) -> Response:
        """Who I am."""
        return _shown(request, guard, pages, _signed_in(request))

    @api.get("/api/account", responses=_ME | problems(401, 403), openapi_extra=BY_TOKEN)
    def me(request: Request) -> Response:
        """Whose token or session this is, and what they may do with it."""
        asker = require(request, Deed.ACCOUNT)
        allowed = [str(deed) for deed in Deed if asker.may(deed)]
        return JSONResponse({**asker.account.document, "may": allowed}, headers=PRIVATE)

    @api.post("/account/password", include_in_schema=False)
    async def password(request: Request) -> Response:
        """Take another password."""
        fields = await checked_form(request)
        return await run_in_threadpool(_password, request, guard, fields)

    @api.post("/account/tokens", include_in_schema=False)
    async def make_token(request: Request) -> Response:
        """Make a token; it is shown this once."""
        fields = await checked_form(request)
        return await run_in_threadpool(_token, request, guard, pages, fields)

    @api.post("/account/tokens/revoke", include_in_schema=False)
    async def revoke(request: Request) -> Response:
        """End a token."""
        fields = await checked_form(request)
        return await run_in_threadpool(_revoke, request, guard, fields)


def _signed_in(request: Request) -> Asker:
    """Whoever is signed in; a token for programs changes no account."""
    asker = require(request, Deed.ACCOUNT)
    if asker.session is None:
        raise NotAllowed(403, "This takes somebody who is signed in; a token is not enough.")
    return asker


def _shown(
    request: Request, guard: Guard, pages: Pages, asker: Asker, status: int = 200, **values: Any
) -> Response:
    account = asker.account
    given = {"secret": None, "problem": None} | values
    answer = pages.page(
        request, "account/own.html", status, account=account, days=_TOKEN_DAYS,
        tokens=TokenStore(guard.database).listed(account, guard.clock()), deeds=deeds(account.role),
        has_password=AccountStore(guard.database).password(account) is not None,
        changed="changed" in request.query_params, **given,
    )  # fmt: skip
    answer.headers.update(PRIVATE)
    return answer


def _password(request: Request, guard: Guard, fields: Mapping[str, str]) -> Response:
    asker, now = _signed_in(request), guard.clock()
    account = asker.account
    new = read_password(fields.get("new", ""), account.name)
    if new != read_password(fields.get("again", ""), account.name):
        raise AccountRefused("The two new passwords differ. Nothing was changed.")
    Entrance(guard.database, guard.sessions).confirm(
        account.name, fields.get("password", ""), asker.client, now
    )
    AccountStore(guard.database).set_password(account, hashed(new), asker.who, now)
    answer = RedirectResponse("/account?changed", 303, headers=PRIVATE)
    give_session(request, answer, guard.sessions.begin(account, asker.who, now), guard.lifetime.longest)
    return answer


def _token(request: Request, guard: Guard, pages: Pages, fields: Mapping[str, str]) -> Response:
    asker = _signed_in(request)
    scopes = tuple(deed for deed in Deed if f"scope-{deed}" in fields)
    days = fields.get("days", "")
    lasting = int(days) if days in {str(one) for one in _TOKEN_DAYS} else 0
    secret = TokenStore(guard.database).make(
        asker.account, fields.get("label", ""), scopes, lasting, asker.who, guard.clock()
    )
    return _shown(request, guard, pages, asker, secret=secret)


def _revoke(request: Request, guard: Guard, fields: Mapping[str, str]) -> Response:
    asker = _signed_in(request)
    TokenStore(guard.database).revoke(asker.account, fields.get("token", ""), asker.who, guard.clock())
    return RedirectResponse("/account", 303, headers=PRIVATE)
