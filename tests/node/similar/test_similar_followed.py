"""A node that only follows another searches what it does not hold, and tells nothing that was withdrawn."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from hashstore.digest import Digest
from node.client import Client
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Served, Vasculum

_ODD = "10,10,130,120"  # no part that the index has a vector of


@pytest.fixture
def origin(embedded_once: Path, tmp_path: Path) -> Node:
    shutil.copytree(embedded_once, tmp_path / "origin")
    return open_node(Layout(tmp_path / "origin"))


@pytest.fixture
def follower(tmp_path: Path) -> Node:
    return create_node(Layout(tmp_path / "follower"), "Follower", "follower.test/log")


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
def test_what_another_node_holds_is_found_over_http_until_it_is_withdrawn(
    origin: Node, follower: Node, vasculum: Vasculum, served: Served
) -> None:
    with origin.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM analysis WHERE fault IS NULL ORDER BY digest")
    image, gone = Digest(rows[0]["digest"]), Digest(rows[1]["digest"])
    data = origin.store.read(image)
    root = follower.layout.root
    with served(origin.layout.root, port()) as first:
        assert vasculum("--node", root, "peer", "add", first).code == 0
        assert vasculum("--node", root, "sync").code == 0
        assert not follower.store.contains(image)
        with served(root, port()) as second:
            for asked in ({"digest": image.hex}, {"digest": image.hex, "region": _ODD}):
                here, there = (told(httpx.get(f"{url}/api/similar", params=asked)) for url in (first, second))
                assert here == there
            sent = [told(httpx.post(f"{url}/api/similar", content=data)) for url in (first, second)]
            assert sent[0] == sent[1]
            assert sent[1][0]["digest"] == image.uri
            found = [f"{url}/api/images/{image.hex}/annotations" for url in (first, second)]
            assert httpx.get(found[0]).json() == httpx.get(found[1]).json()
            with Client(second) as asking:
                assert asking.similar(data)["hits"] == sent[1]
                assert asking.similar(image, region=_ODD)["hits"] == there
                assert len(list(asking.annotations(image))) == httpx.get(found[1]).json()["total"]
            large = httpx.post(f"{second}/api/similar", content=bytes(25 << 20))
            assert large.status_code == 413

            whole: dict[str, str | int] = {"digest": image.hex, "limit": 200}
            assert gone.uri in named(httpx.get(f"{second}/api/similar", params=whole))
            assert (
                vasculum("--node", origin.layout.root, "withdraw", gone.hex, "--reason", "rights").code == 0
            )
            synced(vasculum, root)
            assert gone.uri not in named(httpx.get(f"{second}/api/similar", params=whole))
            assert gone.uri not in named(httpx.post(f"{second}/api/similar?limit=200", content=data))
            for path in (f"similar?digest={gone.hex}", f"images/{gone.hex}/annotations"):
                assert httpx.get(f"{second}/api/{path}").status_code == 410
        assert not follower.store.contains(image), "what was only asked with is not kept"
    assert vasculum("--node", root, "similar", image.hex, "--region", _ODD).code == 1, "nobody has it now"


def synced(vasculum: Vasculum, root: Path) -> None:
    """Follow once what a server knows that looks at its own log each second."""
    until = time.monotonic() + 60
    while vasculum("--node", root, "sync").code != 0:
        assert time.monotonic() < until
        time.sleep(0.5)


def told(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    # Of which record an image is, the follower knows as well.
    return list(answer.json()["hits"])


def named(answer: httpx.Response) -> set[str]:
    return {hit["digest"] for hit in told(answer)}
