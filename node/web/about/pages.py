"""The first page, the page of the node, and the curves of how its collections have grown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from node.compose import Node
from node.errors import NodeError, SearchRefused
from node.search.growth import growth
from node.serve.heads import node_document
from node.web.about.curves import drawn
from node.web.about.told import AboutNode
from node.web.language import marked
from node.web.pages import Pages

Published = Callable[[], Sequence[Mapping[str, Any]]]

_SHOWN: Final = 6  # datasets on the first page
_CURVES: Final = 6
_GROUPED: Final = ("class", "family", "country", "institution", "collection", "basisOfRecord")
_JSON_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    "cache-control": "max-age=60",
    "vary": "accept",
}
_PLACES: Final = {
    "/log/checkpoint": marked("the newest checkpoint of its log"),
    "/heads": marked("the newest checkpoint of every log that it keeps or follows"),
    "/api/datasets": marked("published datasets, as JSON"),
    "/api/search": marked("search, as JSON"),
    "/feeds": marked("its feeds, as JSON"),
    "/api/openapi.json": marked("everything that can be asked of it (OpenAPI)"),
    "/.well-known/vasculum": marked("what a peer needs to follow it"),
    "/.well-known/did.json": marked("its identity (did:web)"),
}


def add_about(api: FastAPI, live: Callable[[], Node], pages: Pages, published: Published) -> None:
    """Tell of the node, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        pages: Renders.
        published: The versions of datasets that are published.
    """
    about = AboutNode(live)

    @api.get("/", include_in_schema=False)
    def front(request: Request) -> Response:
        """Who this node is: a page, or JSON for whoever accepts that and no page."""
        accepted = request.headers.get("accept", "")
        if "json" in accepted and "html" not in accepted:
            document = node_document(live()) | {"size": live().reader.head().size, "places": _PLACES}
            return JSONResponse(document, headers=_JSON_HEADERS)
        told, datasets = _or_none(about), _or_none(published)
        return pages.page(
            request, "about/home.html", told=told, datasets=datasets and datasets[:_SHOWN], places=_PLACES
        )

    @api.get("/node", include_in_schema=False)
    def node_page(request: Request) -> Response:
        """What the node holds and follows, and what went wrong."""
        told = _or_none(about)
        return pages.page(request, "about/node.html", 200 if told else 503, told=told)

    @api.get("/explore/growth", include_in_schema=False)
    def grown(request: Request) -> Response:
        """Growth curves, each point citing its snapshot."""
        asked = request.query_params
        by, of = asked.get("by", "class"), asked.get("of", "records")
        node = live()
        try:
            with node.index() as index:
                points = growth(node, index, by, "images" if of == "images" else "records", _CURVES)
        except SearchRefused as error:
            return pages.page(request, "explore/refused.html", 400, problem=str(error), words="")
        return pages.page(
            request, "about/growth.html", points=points, curves=drawn(points), by=by, of=of, grouped=_GROUPED
        )


def _or_none(gather: Callable[[], Any]) -> Any:
    """What can be told, or nothing while the index is in other hands."""
    try:
        return gather()
    except NodeError:
        return None
