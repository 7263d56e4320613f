"""What a stranger learns who asks by pictures, and of what was found in them: over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi.testclient import TestClient

from hashstore.digest import Digest
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

if TYPE_CHECKING:
    from tests.leakage.conftest import House


def outputs(house: House) -> Iterator[tuple[str, bytes]]:
    bring_up(house.node)
    client = TestClient(make_api(LiveNode(house.node.layout), Metrics()), raise_server_exceptions=False)
    found = 0
    for digest in _digests(house):
        paths = [f"/api/images/{digest.hex}/annotations{more}" for more in ("", "?iris=1&page=0")]
        paths += [f"/api/similar?digest={digest.hex}{more}" for more in ("", "&region=0,0,9,9&q=Ophrys")]
        for path in paths:
            answer = client.get(path)
            found += answer.status_code == 200
            told = b"\n".join([*(value for pair in answer.headers.raw for value in pair), answer.content])
            # What is refused may say again by which name it was asked for.
            yield path, told.replace(digest.hex.encode(), b"") if answer.status_code != 200 else told
    assert found > 5, "images of which nothing is told leak nothing"


def _digests(house: House) -> Iterator[Digest]:
    """Every image that was ever captured, shown or not."""
    with house.node.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM capture WHERE role = 'image' AND digest IS NOT NULL")
    return (Digest(row["digest"]) for row in rows)
