"""What a stranger can find: over HTTP, and in the database that is searched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from node.search.facet import FACET_NAMES
from node.search.generation import bring_up
from node.search.growth import growth
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    path = bring_up(house.node)
    yield "generation", path.read_bytes()
    client = TestClient(make_api(LiveNode(house.node.layout), Metrics()))
    for query in ("", "ALL", "Vicia OR Ophrys", "NOT taxon:Vicia", "has:*", "NOT has:*", "width>0"):
        yield f"search {query}", client.get("/api/search", params={"q": query, "limit": 200}).content
    for name in FACET_NAMES:
        yield f"facet {name}", client.get("/api/facets", params={"facet": name}).content
    with house.node.index() as index:
        for by in ("scientificName", "collection"):
            points = (
                growth(house.node, index, by, "images", 100),
                growth(house.node, index, by, "records", 100),
            )
            yield f"growth by {by}", repr(points).encode()
