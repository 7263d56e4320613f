"""All pages, on the server's application."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from node.compose import Node
from node.search.desk import SearchDesk
from node.web.about.pages import Published, add_about
from node.web.account.guard import Guard
from node.web.account.pages import add_account
from node.web.apidocs import add_api_docs
from node.web.assets import Assets
from node.web.compare import add_compare
from node.web.datasets.pages import add_dataset_pages
from node.web.explore.pages import add_explore
from node.web.land import land
from node.web.language import LANGUAGES
from node.web.pages import LANGUAGE_COOKIE, Pages
from node.web.provenance.pages import add_provenance
from node.web.target import own_target
from node.web.things.pages import add_things

_FOREVER = {"cache-control": "public, max-age=31536000, immutable", "x-content-type-options": "nosniff"}
_YEAR = 365 * 24 * 3600


def add_pages(
    api: FastAPI, live: Callable[[], Node], desk: SearchDesk, published: Published, *, read_only: bool
) -> None:
    """Show the node, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        desk: Where this worker asks.
        published: The versions of datasets that are published.
        read_only: Let nobody sign in.
    """
    assets = Assets({"land.svg": land()})
    guard = Guard(live, read_only=read_only)
    pages = Pages(live, assets, guard.visitor)
    _add_static(api, assets)
    _add_language(api)
    add_about(api, live, pages, published)
    add_explore(api, live, desk, pages)
    add_things(api, live, pages)
    add_provenance(api, live, pages)
    add_compare(api, pages)
    add_dataset_pages(api, live, desk, pages, published)
    add_api_docs(api, pages)
    add_account(api, guard, pages)


def _add_static(api: FastAPI, assets: Assets) -> None:
    @api.get("/static/{address:path}", include_in_schema=False)
    def static(address: str) -> Response:
        """A file that pages load."""
        found = assets.find(address)
        if found is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        return Response(found.content, media_type=found.media_type, headers=_FOREVER)


def _add_language(api: FastAPI) -> None:
    @api.get("/language/{code}", include_in_schema=False)
    def choose(request: Request, code: str, back: str = "/explore") -> Response:
        """Keep the language that a reader chose, and go back."""
        answer = RedirectResponse(own_target(back, "/explore"), 303)
        if code in LANGUAGES:
            answer.set_cookie(LANGUAGE_COOKIE, code, max_age=_YEAR, httponly=True, samesite="lax")
        return answer
