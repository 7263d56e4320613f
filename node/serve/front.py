"""What is answered to whoever opens a node's address: who it is and where all lies, as page or JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from manifests.citing.thing import one_line
from node.compose import Node
from node.errors import NodeError
from node.serve.heads import node_document

Published = Callable[[], Sequence[Mapping[str, Any]]]

_MOST: Final = 100  # datasets on the page; the list has all
_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "x-content-type-options": "nosniff",
    "cache-control": "max-age=60",
    "vary": "accept",
}
# The page runs, loads and sends nothing.
_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PLACES: Final = {
    "/log/checkpoint": "the newest checkpoint of its log",
    "/heads": "the newest checkpoint of every log that it keeps or follows",
    "/api/datasets": "published datasets, as JSON",
    "/api/search": "search, as JSON",
    "/feeds": "its feeds, as JSON",
    "/api/openapi.json": "everything that can be asked of it (OpenAPI)",
    "/.well-known/vasculum": "what a peer needs to follow it",
    "/.well-known/did.json": "its identity (did:web)",
}


def add_front(api: FastAPI, live: Callable[[], Node], published: Published) -> None:
    """Answer at the root, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        published: The versions of datasets that are published.
    """

    @api.get("/", include_in_schema=False)
    def front(request: Request) -> Response:
        """Who this node is: a page, or JSON for whoever accepts that and no page."""
        document = node_document(live()) | {"size": live().reader.head().size}
        try:
            listed: Sequence[Mapping[str, Any]] | None = published()
        except NodeError:
            listed = None  # the index is in other hands; the rest can be told
        accepted = request.headers.get("accept", "")
        if "json" in accepted and "html" not in accepted:
            return JSONResponse(document | {"places": _PLACES}, headers=_HEADERS)
        fields = _HEADERS | {"content-security-policy": _POLICY, "referrer-policy": "no-referrer"}
        page = front_page(document, listed)
        return Response(page, media_type="text/html; charset=utf-8", headers=fields)


def front_page(document: Mapping[str, Any], published: Sequence[Mapping[str, Any]] | None) -> str:
    """The page.

    Args:
        document: What the node says of itself, with the size of its log.
        published: The versions of datasets; None if they cannot be listed.

    Returns:
        HTML. Every text of others is escaped and kept from turning the direction of what is around it.
    """
    name = _text(document["name"])
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(one_line(document['name']))}</title>\n</head>\n<body>\n<h1>{name}</h1>",
            "<p>This is a Vasculum node: it keeps images of natural-history collections and signed words "
            f"of where they came from. Its log {_text(document['origin'])} has {document['size']:,} "
            f"{'entry' if document['size'] == 1 else 'entries'}, signed by {_text(document['logKey'])}; its "
            f"identity is {_text(document['identity'])}.</p>",
            "<h2>Published datasets</h2>",
            *_datasets(published),
            "<h2>For programs</h2>\n<ul>",
            *(f"<li>{_link(path, path)}: {_text(words)}</li>" for path, words in _PLACES.items()),
            f"</ul>\n<p>{_text(document['software'])}</p>\n</body>\n</html>\n",
        ]
    )


def _datasets(published: Sequence[Mapping[str, Any]] | None) -> list[str]:
    if published is None:
        return ["<p>They cannot be listed at the moment. Ask again in a minute.</p>"]
    if not published:
        return ["<p>None yet.</p>"]
    rest = len(published) - _MOST
    more = [f"<p>{rest:,} more are in {_link('/api/datasets', 'the list')}.</p>"] if rest > 0 else []
    return ["<ul>", *map(_dataset, published[:_MOST]), "</ul>", *more]


def _dataset(one: Mapping[str, Any]) -> str:
    path = f"/api/datasets/{one['dataset'].rpartition('/')[2]}"
    title = f"{_link(path, one['title'])}, version {_text(one['version'])}: {one['members']:,} images"
    return f"<li>{title}, {_text(one['license'])}, {_text(one['publisher'])}</li>"


def _link(path: str, words: str) -> str:
    return f'<a href="{escape(path)}">{_text(words)}</a>'


def _text(words: object) -> str:
    return f"<bdi>{escape(one_line(str(words)))}</bdi>"
