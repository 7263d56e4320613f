"""The pages by which people sign in at an identity provider."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from node.accounts.database import NOBODY, Who
from node.accounts.errors import AccountRefused
from node.accounts.flows import keep_flow, take_flow
from node.accounts.people import AccountStore
from node.accounts.roles import Role
from node.accounts.secret import new_secret
from node.config.accounts import OidcConfig
from node.web.account.cookies import (
    client,
    entrance_secret,
    give_entrance,
    give_session,
    is_https,
    session_secret,
)
from node.web.account.guard import Guard, NotAllowed
from node.web.account.refusing import PRIVATE
from node.web.target import own_target

_CALLBACK = "/account/oidc/callback"


def add_providing(api: FastAPI, guard: Guard) -> None:
    """Let people in who have an account elsewhere, on an application.

    Args:
        api: The application.
        guard: Knows who asks.
    """

    @api.get("/account/oidc", include_in_schema=False)
    def begin(request: Request) -> Response:
        """Go to the provider."""
        from node.accounts.oidc import address, discover, new_flow

        settings, flow = _settings(guard), new_flow()
        browser = entrance_secret(request) or new_secret()
        target = own_target(request.query_params.get("next", ""), "/account")
        place = address(discover(settings), settings, flow, _back(request))
        keep_flow(guard.database, flow, browser, target, guard.clock())
        answer = RedirectResponse(place, 303, headers=PRIVATE)
        give_entrance(request, answer, browser)
        return answer

    @api.get(_CALLBACK, include_in_schema=False)
    def come_back(request: Request) -> Response:
        """Come from the provider."""
        return _come_back(request, guard, _settings(guard))


def _come_back(request: Request, guard: Guard, settings: OidcConfig) -> Response:
    from node.accounts.oidc import claims, discover, newcomer

    asked, now = request.query_params, guard.clock()
    flow, target = take_flow(guard.database, asked.get("state", ""), entrance_secret(request) or "", now)
    if asked.get("iss", settings.issuer) != settings.issuer or "code" not in asked:
        raise AccountRefused("The identity provider did not let you in.")
    found = claims(discover(settings), settings, flow, _back(request), asked["code"])
    accounts, who = AccountStore(guard.database), Who(NOBODY, client(request))
    account = accounts.known_to(settings.issuer, str(found["sub"]))
    if account is None:
        account = accounts.add(newcomer(found, settings.issuer, Role(settings.role)), who, now)
    if account.disabled:
        raise NotAllowed(403, "This account is disabled.")
    secret = guard.sessions.begin(account, Who(account.id, who.client), now, session_secret(request))
    answer = RedirectResponse(target, 303, headers=PRIVATE)
    give_session(request, answer, secret, guard.lifetime.longest)
    return answer


def _settings(guard: Guard) -> OidcConfig:
    if guard.read_only:
        raise NotAllowed(403, "This server only reads: nobody signs in here.")
    if guard.oidc is None:
        raise NotAllowed(404, "This node knows no identity provider.")
    return guard.oidc


def _back(request: Request) -> str:
    return f"{'https' if is_https(request) else 'http'}://{request.headers.get('host', '')}{_CALLBACK}"
