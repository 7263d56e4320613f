"""The pages of datasets: the list, one version, and what two versions have other than each other."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import Response

from manifests.errors import ManifestError
from manifests.export.registry import format_names
from node.compose import Node
from node.errors import NodeError
from node.search.desk import SearchDesk
from node.serve.negotiating import best_of
from node.web.conditional import conditional
from node.web.datasets.builder import add_builder
from node.web.datasets.differing import compare
from node.web.datasets.files import add_files, version_of
from node.web.datasets.landing import Landing, read_landing
from node.web.datasets.listing import listed
from node.web.datasets.markup import JSON_LD, markup
from node.web.pages import Pages

Published = Callable[[], Sequence[Mapping[str, Any]]]

_HTML: Final = "text/html"
_LONGEST: Final = 500  # characters of the words that are searched
_DATA_HEADERS: Final = {
    "access-control-allow-origin": "*",
    "cache-control": "no-cache",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}
# Two manifests are read whole for a comparison: more of them at a time would keep others waiting.
_COMPARING: Final = threading.Semaphore(1)
_PATIENCE: Final = 5.0  # seconds


def add_dataset_pages(
    api: FastAPI, live: Callable[[], Node], desk: SearchDesk, pages: Pages, published: Published
) -> None:
    """Show datasets, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        desk: Where this worker asks.
        pages: Renders.
        published: The versions of datasets that are published.
    """

    @api.get("/datasets", include_in_schema=False)
    def datasets(request: Request) -> Response:
        """The newest version of each published dataset."""
        words = request.query_params.get("q", "")[:_LONGEST].strip()
        found = listed(published(), words)
        return conditional(request, pages.page(request, "datasets/list.html", words=words, datasets=found))

    add_builder(api, live, desk, pages)
    add_files(api, live)

    @api.get("/datasets/{name}", include_in_schema=False)
    def dataset(request: Request, name: str) -> Response:
        """A version: a page, or JSON-LD for whoever wants that more."""
        node = live()
        with node.index() as index:
            known = version_of(node, index, name)
            if known is None:
                return _absent(pages, request)
            landing = read_landing(node, index, known)
        data = described(landing, str(request.base_url).rstrip("/"))
        if best_of(request.headers.get("accept"), (_HTML, JSON_LD, "application/json")) != _HTML:
            text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
            return conditional(request, Response(text, media_type=JSON_LD, headers=_DATA_HEADERS))
        answer = pages.page(
            request, "datasets/one.html", landing=landing, made=landing.known.version, data=data,
            formats=format_names(),
        )  # fmt: skip
        answer.headers["link"] = f'</datasets/{known.digest.hex}>; rel="describedby"; type="{JSON_LD}"'
        return conditional(request, answer)

    @api.get("/datasets/{one}/diff/{other}", include_in_schema=False)
    def diff(request: Request, one: str, other: str) -> Response:
        """What a version has other than another."""
        return _compared(request, live(), pages, one, other)


def described(landing: Landing, base: str) -> dict[str, Any]:
    """A version for programs."""
    return markup(landing.description, base, whole=landing.hidden == 0, said=landing.said)


def _compared(request: Request, node: Node, pages: Pages, one: str, other: str) -> Response:
    with node.index() as index:
        before, after = (version_of(node, index, name) for name in (one, other))
        if before is None or after is None:
            return _absent(pages, request)
        problem, found = None, None
        if not _COMPARING.acquire(timeout=_PATIENCE):
            problem = "Others are comparing at the moment; ask again."
        else:
            try:
                found = compare(node, index, before, after)
            except (NodeError, ManifestError):
                problem = "A manifest of the two is not here, or cannot be read."
            finally:
                _COMPARING.release()
    answer = pages.page(
        request, "datasets/diff.html", 503 if found is None else 200, before=before, after=after,
        compared=found, problem=problem,
    )  # fmt: skip
    return conditional(request, answer)


def _absent(pages: Pages, request: Request) -> Response:
    return pages.page(request, "things/absent.html", 404, gone=False)
