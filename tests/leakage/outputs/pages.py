"""Every page that a stranger can open, for each digest and row that there is, in a browser or as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from fastapi.testclient import TestClient

from hashstore.digest import Digest
from manifests.citing import FORMATS
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.web.language import PSEUDO

if TYPE_CHECKING:
    from tests.leakage.conftest import House

_ALONE = (
    "/", f"/?lang={PSEUDO}", "/node", "/explore", "/explore/suggestions?q=V", "/provenance", "/compare",
    "/datasets", "/datasets?q=Vetches", "/datasets/new", "/api/docs", "/nothing", "/record/0/0", "/image/0",
    "/datasets/0",
    *(f"/explore?{urlencode({'q': asked})}" for asked in ("Vicia OR Ophrys", "NOT taxon:Vicia", "<")),
    *(f"/explore?sort={order}" for order in ("-date", "country", "collection", "type")),
    *(f"/explore/growth?by={by}&of={of}" for by in ("class", "collection") for of in ("records", "images")),
    *(f"/datasets/new?{urlencode({'filter': asked})}" for asked in ("taxon:Ophrys", "NOT taxon:Vicia")),
)  # fmt: skip
_DIGEST = re.compile("[0-9a-f]{64}")
_BOTH = ("text/html", "application/ld+json")
_OF_DATASET = ("", "/attribution.txt", "/datasheet.md")


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    bring_up(house.node)
    client = TestClient(make_api(LiveNode(house.node.layout), Metrics()), raise_server_exceptions=False)
    shown = 0
    for path in (*_ALONE, *_of_things(house)):
        for accept in _BOTH if path.startswith("/datasets/") else _BOTH[:1]:
            answer = client.get(path, headers={"accept": accept})
            shown += answer.status_code == 200
            assert answer.status_code < 500, path
            told = b"\n".join([*(value for pair in answer.headers.raw for value in pair), answer.content])
            yield f"{path} {accept}", _without_asked(path, told, found=answer.status_code == 200)
    assert shown > len(_ALONE), "pages that show nothing prove nothing"


def _of_things(house: House) -> Iterator[str]:
    """Each image and each record has a page; bundles, and segments, are asked for by the other outputs."""
    with house.node.index() as index:
        captured = index.rows("SELECT DISTINCT digest FROM capture WHERE digest IS NOT NULL ORDER BY digest")
    blobs = [Digest(row["digest"]) for row in captured]
    for digest in blobs:
        yield from (f"/image/{digest.hex}", f"/compare?image={digest.hex}")
    rows = [asked for asked in house.asked if "#" in asked]
    for of in (*(digest.uri for digest in blobs), *rows, "snapshot"):
        yield from (f"/provenance?of={quote(of, safe='')}", f"/cite?of={quote(of, safe='')}")
    for segment, count in _specimens(house):
        yield from (f"/record/{segment}/{row}" for row in range(1, count + 1))
    yield from _of_datasets(house)


def _specimens(house: House) -> Iterator[tuple[str, int]]:
    with house.node.index() as index:
        leaves = index.rows(
            "SELECT DISTINCT segment, row_count FROM leaf JOIN specimen USING (log, log_index) ORDER BY ALL"
        )
    for leaf in leaves:
        yield Digest(leaf["segment"]).hex, int(leaf["row_count"])


def _of_datasets(house: House) -> Iterator[str]:
    with house.node.index() as index:
        rows = index.rows("SELECT digest FROM statement WHERE kind = 'DatasetVersion' ORDER BY log_index")
    versions = [Digest(row["digest"]).hex for row in rows]
    assert len(versions) > 1, "a comparison takes two"
    for one in versions:
        yield from (f"/datasets/{one}{rest}" for rest in _OF_DATASET)
        yield from (f"/datasets/{one}/diff/{other}" for other in versions if other != one)
        yield from (f"/cite?of={one}&format={form}" for form in FORMATS)


def _without_asked(path: str, told: bytes, *, found: bool) -> bytes:
    """What was told, without the digest that the stranger brought, where it was only said back.

    A page of something that is shown says more than that; a comparison shows whatever it is asked for, and
    the pictures in it are asked for, and refused, one by one.
    """
    if found and not path.startswith("/compare"):
        return told
    for name in _DIGEST.findall(unquote(path)):
        told = told.replace(name.encode(), b"")
    return told
