"""Searching a node by pictures, and reading what was found in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from hashstore.digest import Digest
from node.errors import NotFound, Withdrawn
from node.peers.client import PeerClient, PeerMisbehaved, Refusal

_LARGEST: Final = 8 << 20  # bytes of hits, or of a page of annotations
_MOST_PAGES: Final = 10_000


def ask_similar(
    connection: PeerClient, picture: bytes | Digest, wishes: Mapping[str, str | None]
) -> Mapping[str, Any]:
    """What a node says is like a picture.

    Raises:
        NotFound: it has no such image, or no index of vectors.
        Withdrawn: the image was taken back.
        PeerError: no answer came, or the node refuses what is asked.
    """
    asked = {name: value for name, value in wishes.items() if value}
    if isinstance(picture, Digest):
        path, body = f"/api/similar?{urlencode({'digest': picture.uri, **asked})}", None
    else:
        path, body = f"/api/similar?{urlencode(asked)}", picture
    method, fields = ("GET", {}) if body is None else ("POST", {"content-type": "application/octet-stream"})
    with connection.answer(method, path, body=body, most=_LARGEST, headers=fields) as answer:
        _refuse(answer)
        assert not isinstance(answer, Refusal)
        return _object(answer.read(_LARGEST), connection.url)


def ask_annotations(connection: PeerClient, image: Digest, *, vectors: bool) -> Iterator[Mapping[str, Any]]:
    """All annotations of an image, page by page.

    Raises:
        NotFound, Withdrawn, PeerError: as `ask_similar` has it.
    """
    base = f"/api/images/{image.hex}/annotations?" + urlencode(
        {"iris": 0, **({"vectors": "true"} if vectors else {})}
    )
    for number in range(_MOST_PAGES):
        data = connection.get(f"{base}&page={number}", _LARGEST)
        _refuse(data)
        assert not isinstance(data, Refusal)
        page = _object(data, connection.url)
        items = page.get("items")
        if not isinstance(items, list):
            raise PeerMisbehaved(f"{connection.url} gave no page of annotations.")
        yield from items
        if "next" not in page:
            return


def _refuse(answer: object) -> None:
    if isinstance(answer, Refusal):
        if answer.status == 410:
            raise Withdrawn("The image was withdrawn.")
        raise NotFound("The node has no such image, or no index of vectors.")


def _object(data: bytes, url: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PeerMisbehaved(f"{url} gave no JSON. Is this a Vasculum node?") from error
    if not isinstance(found, dict):
        raise PeerMisbehaved(f"{url} gave no JSON object. Is this a Vasculum node?")
    return found
