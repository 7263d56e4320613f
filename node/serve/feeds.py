"""Feeds over HTTP: `/feeds` lists them, and each is an Atom document (spec/notices.md)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from hashstore.digest import Digest
from node.compose import Node
from node.errors import NotFound
from node.notices.feed import MEDIA_TYPE, Feed, feed_bytes
from node.notices.feeds import dataset_feeds, watch_feed, watch_feeds, watch_path
from node.notices.store import NoticeStore
from node.serve.described import gives, gives_text, problems
from node.serve.watch import checkpoint_states

_OPEN = {"access-control-allow-origin": "*", "x-content-type-options": "nosniff"}
_FEED = (
    gives_text("An Atom document.", MEDIA_TYPE) | {304: {"description": "It did not change."}} | problems(404)
)


def add_feeds(api: FastAPI, live: Callable[[], Node]) -> None:
    """Answer for feeds on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
    """
    datasets = _Datasets(live)

    @api.get("/feeds", responses=gives("The feeds.", feeds="array"))
    def listed() -> Response:
        """The feeds of this node."""
        found = [
            {"type": "dataset", "title": feed.title, "url": path}
            for path, feed in sorted(datasets.feeds().items())
        ]
        watches = [
            {"type": "watch", "title": watch.name, "filter": watch.filter, "url": watch_path(watch)}
            for watch in watch_feeds(live())
        ]
        return JSONResponse({"feeds": [*watches, *found]}, headers=_OPEN | {"cache-control": "no-cache"})

    @api.get("/feeds/watches/{name}", response_class=Response, responses=_FEED)
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

    @api.get("/feeds/datasets/{name}", response_class=Response, responses=_FEED)
    def versions(request: Request, name: str) -> Response:
        """The versions of a dataset, by the digest of its first."""
        feed = datasets.feeds().get(f"/feeds/datasets/{name}")
        return _nothing() if feed is None else _feed(request, feed)


class _Datasets:
    """The feeds of datasets, made anew when a log has grown; for several threads."""

    def __init__(self, live: Callable[[], Node]) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._state: dict[Path, int] | None = None
        self._feeds: dict[str, Feed] = {}

    def feeds(self) -> dict[str, Feed]:
        """By their paths."""
        node = self._live()
        # While one request waits for the index, the others are answered with what was known.
        if not self._lock.acquire(blocking=self._state is None):
            return self._feeds
        try:
            state = checkpoint_states(node)
            if state != self._state:
                self._feeds, self._state = dataset_feeds(node), state
            return self._feeds
        finally:
            self._lock.release()


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
