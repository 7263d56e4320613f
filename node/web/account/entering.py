"""The pages by which people sign in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from node.accounts.entrance import Entrance
from node.accounts.errors import AccountRefused, TooManyAttempts
from node.accounts.secret import form_token, new_secret
from node.web.account.cookies import (
    client,
    entrance_secret,
    give_entrance,
    give_session,
    session_secret,
    take_session,
)
from node.web.account.guard import Guard, checked_form, form_under, guard_of
from node.web.account.refusing import PRIVATE
from node.web.pages import Pages
from node.web.target import own_target

HOME = "/account"


def add_entering(api: FastAPI, guard: Guard, pages: Pages) -> None:
    """Let people in and out, on an application.

    Args:
        api: The application.
        guard: Knows who asks.
        pages: Renders.
    """

    @api.get("/account/login", include_in_schema=False)
    def entrance(request: Request) -> Response:
        """Where to sign in."""
        target = own_target(request.query_params.get("next", ""), HOME)
        if guard.asker(request) is not None:
            return RedirectResponse(target, 303, headers=PRIVATE)
        return _shown(request, guard, pages, target)

    @api.post("/account/login", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        """Sign in."""
        if guard.read_only:
            return await run_in_threadpool(_shown, request, guard, pages, HOME, 403)
        fields = await form_under(request, entrance_secret(request))
        return await run_in_threadpool(_sign_in, request, guard, pages, fields)

    @api.post("/account/logout", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        """Sign out."""
        await checked_form(request)
        return await run_in_threadpool(_sign_out, request)


def _sign_in(request: Request, guard: Guard, pages: Pages, fields: Mapping[str, str]) -> Response:
    target = own_target(fields.get("next", ""), HOME)
    name, password = fields.get("name", ""), fields.get("password", "")
    door = Entrance(guard.database, guard.sessions)
    try:
        _, secret = door.sign_in(name, password, client(request), guard.clock(), session_secret(request))
    except TooManyAttempts as error:
        answer = _shown(request, guard, pages, target, 429, name=name, problem=str(error))
        answer.headers["retry-after"] = str(max(1, round(error.seconds)))
        return answer
    except AccountRefused as error:
        return _shown(request, guard, pages, target, 401, name=name, problem=str(error))
    answer = RedirectResponse(target, 303, headers=PRIVATE)
    give_session(request, answer, secret, guard.lifetime.longest)
    return answer


def _sign_out(request: Request) -> Response:
    guard = guard_of(request)
    asker = guard.asker(request)
    if asker is not None and asker.session is not None:
        guard.sessions.end(asker.session, asker.who, guard.clock())
    answer = RedirectResponse("/", 303, headers=PRIVATE)
    take_session(request, answer)
    return answer


def _shown(
    request: Request, guard: Guard, pages: Pages, target: str, status: int = 200, **values: Any
) -> Response:
    """The form, bound to a secret that the browser gets with it."""
    secret = entrance_secret(request) or new_secret()
    given = {"name": "", "problem": None} | values
    answer = pages.page(
        request, "account/login.html", status, target=target, form_token=form_token(secret),
        read_only=guard.read_only, oidc=guard.oidc, **given,
    )  # fmt: skip
    answer.headers.update(PRIVATE)
    if not guard.read_only:
        give_entrance(request, answer, secret)
    return answer
