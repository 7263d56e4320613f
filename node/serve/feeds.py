"""Feeds over HTTP: `/feeds` lists them, and each is an Atom document (spec/notices.md)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from hashstore.digest import Digest
from node.compose import Node
from node.errors import NotFound
from node.notices.feed import MEDIA_TYPE, Feed, feed_bytes
from node.notices.feeds import watch_feed, watch_feeds, watch_path
from node.notices.store import NoticeStore

_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}


def add_feeds(api: FastAPI, live: Callable[[], Node]) -> None:
    """Answer for feeds on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
    """

    @api.get("/feeds")
    def listed() -> Response:
        """The feeds of this node."""
        watches = [
            {"type": "watch", "title": watch.name, "filter": watch.filter, "url": watch_path(watch)}
            for watch in watch_feeds(live())
        ]
        return JSONResponse({"feeds": watches}, headers=_OPEN | {"cache-control": "no-cache"})

    @api.get("/feeds/watches/{name}")
    def watched(request: Request, name: str) -> Response:
        """What is new of a saved filter or a dataset that is watched here."""
        node, id = live(), name.removesuffix(".atom")
        try:
            watch = NoticeStore(node.layout.notices).watch(id)
        except NotFound:
            return _nothing()
        if not watch.feed or watch.id != id or name == id:
            return _nothing()
        return _feed(request, watch_feed(node, watch))


def _feed(request: Request, feed: Feed) -> Response:
    data = feed_bytes(feed)
    fields = {**_OPEN, "cache-control": "no-cache", "etag": f'"{Digest.of(data).hex}"'}
    asked = request.headers.get("if-none-match", "")
    if asked == "*" or fields["etag"] in [one.strip().removeprefix("W/") for one in asked.split(",")]:
        return Response(status_code=304, headers=fields)
    return Response(data, media_type=MEDIA_TYPE, headers=fields)


def _nothing() -> Response:
    return JSONResponse(
        {"status": 404, "title": "There is no such feed here."},
        status_code=404,
        headers=_OPEN | {"cache-control": "no-store"},
        media_type="application/problem+json",
    )
