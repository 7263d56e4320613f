"""Accounts and the audit trail, for operators."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from node.accounts.database import trail
from node.accounts.errors import AccountRefused
from node.accounts.names import read_name, read_shown
from node.accounts.passwords import hashed
from node.accounts.people import Account, AccountStore, NewAccount
from node.accounts.roles import Role
from node.web.account.guard import Asker, Guard, checked_form, require_role
from node.web.account.refusing import PRIVATE
from node.web.pages import Pages

_ENTRIES: Final = 100
_FIRST_PASSWORD: Final = 15  # bytes: 20 letters


def add_users(api: FastAPI, guard: Guard, pages: Pages) -> None:
    """Let operators see to accounts, on an application.

    Args:
        api: The application.
        guard: Knows who asks.
        pages: Renders.
    """

    @api.get("/account/users", include_in_schema=False)
    def users(request: Request) -> Response:
        """Every account."""
        return _shown(request, guard, pages, require_role(request, Role.OPERATOR))

    @api.post("/account/users", include_in_schema=False)
    async def add(request: Request) -> Response:
        """Make an account; its first password is shown this once."""
        fields = await checked_form(request)
        return await run_in_threadpool(_add, request, guard, pages, fields)

    @api.post("/account/users/change", include_in_schema=False)
    async def change(request: Request) -> Response:
        """Give another role, lock out, or let in again."""
        fields = await checked_form(request)
        return await run_in_threadpool(_change, request, guard, fields)

    @api.get("/account/audit", include_in_schema=False)
    def audit(request: Request) -> Response:
        """What was done, the newest first."""
        require_role(request, Role.OPERATOR)
        before = request.query_params.get("before", "")
        entries = trail(
            guard.database, _ENTRIES, int(before) if before.isdecimal() and len(before) < 18 else None
        )
        names = {account.id: account.name for account in AccountStore(guard.database).all()}
        more = entries[-1].number if len(entries) == _ENTRIES else None
        answer = pages.page(request, "account/audit.html", entries=entries, names=names, more=more)
        answer.headers.update(PRIVATE)
        return answer


def _shown(request: Request, guard: Guard, pages: Pages, asker: Asker, **values: Any) -> Response:
    accounts = AccountStore(guard.database).all()
    given = {"secret": None, "made": None} | values
    answer = pages.page(
        request, "account/users.html", accounts=accounts, me=asker.account, roles=list(Role), **given
    )
    answer.headers.update(PRIVATE)
    return answer


def _add(request: Request, guard: Guard, pages: Pages, fields: Mapping[str, str]) -> Response:
    asker = require_role(request, Role.OPERATOR)
    name, shown = read_name(fields.get("name", "")), read_shown(fields.get("shown", ""))
    secret = secrets.token_urlsafe(_FIRST_PASSWORD)
    new = NewAccount(name, shown, _role(fields.get("role", "")), hashed(secret))
    made = AccountStore(guard.database).add(new, asker.who, guard.clock())
    return _shown(request, guard, pages, asker, secret=secret, made=made)


def _change(request: Request, guard: Guard, fields: Mapping[str, str]) -> Response:
    asker = require_role(request, Role.OPERATOR)
    store, now = AccountStore(guard.database), guard.clock()
    account = store.require(fields.get("account", ""))
    _check_other(asker.account, account)
    if "role" in fields and (role := _role(fields["role"])) is not account.role:
        store.set_role(account, role, asker.who, now)
    if "disabled" in fields and (fields["disabled"] == "yes") != account.disabled:
        store.set_disabled(account, not account.disabled, asker.who, now)
    return RedirectResponse("/account/users", 303, headers=PRIVATE)


def _check_other(me: Account, account: Account) -> None:
    """Else the last operator would lock the door behind themselves."""
    if me.id == account.id:
        raise AccountRefused("Nobody changes their own role, or locks themselves out; another operator may.")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise AccountRefused(f"There is no role {text!r}; there are {', '.join(Role)}.") from None
