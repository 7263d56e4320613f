"""Two to four images side by side, from this node or any other that speaks IIIF."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import Response

from hashstore.digest import Digest
from hashstore.errors import MalformedDigest
from node.web.pages import Pages

_MOST: Final = 4
_LONGEST: Final = 500
# The address of an image information document (IIIF Image API 3.0, section 2), without `info.json`.
_SERVICE: Final = re.compile(r"https?://[^\s'\";,<>\\]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the images.

    Attributes:
        asked: As it was asked for.
        service: Its IIIF service, without a slash at the end.
        origin: Scheme and host of the service; None for this node's own.
        page: Its page here; None of an image elsewhere.
    """

    asked: str
    service: str
    origin: str | None
    page: str | None


def read_compared(text: str) -> Compared | None:
    """What a person asks to compare: any form of a digest, or the address of an IIIF image service.

    Returns:
        The image; None if it is neither.
    """
    asked = text.strip()[:_LONGEST]
    if _SERVICE.fullmatch(asked):
        service = asked.removesuffix("/info.json").rstrip("/")
        parts = urlsplit(service)
        return Compared(asked, service, f"{parts.scheme}://{parts.netloc}", None) if parts.hostname else None
    try:
        digest = Digest.parse(asked)
    except MalformedDigest:
        return None
    return Compared(asked, f"/iiif/3/{digest.hex}", None, f"/image/{digest.hex}")


def add_compare(api: FastAPI, pages: Pages) -> None:
    """Show images side by side, on an application.

    Args:
        api: The application.
        pages: Renders.
    """

    @api.get("/compare", include_in_schema=False)
    def compare(request: Request) -> Response:
        """Images side by side; a browser asks other nodes itself, this one never does."""
        texts = [text for text in request.query_params.getlist("image") if text.strip()][:_MOST]
        found = [read_compared(text) for text in texts]
        refused = [text for text, one in zip(texts, found, strict=True) if one is None]
        compared = [one for one in found if one is not None]
        origins = tuple(sorted({one.origin for one in compared if one.origin}))
        return pages.page(
            request, "compare/page.html", 400 if refused else 200, images=origins, compared=compared,
            refused=refused, most=_MOST,
        )  # fmt: skip
