"""The pages of records and images."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from manifests.errors import MalformedAddress
from manifests.row_uri import RowUri
from node.compose import Node
from node.errors import NotFound, Withdrawn
from node.policy import Principal
from node.web.pages import Pages
from node.web.things.image import read_picture
from node.web.things.layers import layers
from node.web.things.record import read_record


def add_things(api: FastAPI, live: Callable[[], Node], pages: Pages) -> None:
    """Show records and images, on an application.

    Args:
        api: The application.
        live: The node as it is at that moment.
        pages: Renders.
    """

    @api.get("/record/{segment}/{row}", include_in_schema=False)
    def record(request: Request, segment: str, row: str) -> Response:
        """A record."""
        node = live()
        try:
            uri = RowUri.parse(f"hash://sha256/{segment}#row={row}")
            with node.index() as index:
                found = read_record(node, index, uri, Principal.PUBLIC)
        except (MalformedAddress, NotFound, Withdrawn) as error:
            return _absent(pages, request, error)
        return pages.page(request, "things/record.html", record=found)

    @api.get("/image/{name}", include_in_schema=False)
    def image(request: Request, name: str) -> Response:
        """An image."""
        node = live()
        try:
            digest = Digest.parse(name)
            with node.index() as index:
                found = read_picture(node, index, digest, Principal.PUBLIC)
        except (MalformedDigest, NotFound, Withdrawn) as error:
            return _absent(pages, request, error)
        shown = layers(found.fields.get("analyses", ()))
        return pages.page(request, "things/image.html", picture=found, layers=shown)


def _absent(pages: Pages, request: Request, error: Exception) -> Response:
    """Nothing that a stranger may see: never there and withheld look alike, taken back does not."""
    gone = isinstance(error, Withdrawn)
    return pages.page(request, "things/absent.html", 410 if gone else 404, gone=gone)
