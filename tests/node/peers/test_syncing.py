"""A follower and a served node: what comes, what stays away, what is said of it, and what it costs."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node
from node.create import create_node
from node.index import log_digest
from node.layout import Layout, mirror_name
from node.peers.add import add_peer
from node.peers.model import Peer
from node.peers.sync import follow_all
from provenance.log.leaf import SegmentLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.conftest import Serve
    from tests.node.conftest import Vasculum
    from tests.node.peers.conftest import Rogues


def _publish(node: Node, name: str) -> None:
    folder = node.layout.root.parent / f"files-{name}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(name)
    assert run(["--node", str(node.layout.root), "--quiet", "add", str(folder)]) == 0


def _digest(node: Node, log: int) -> Digest:
    with node.index() as index:
        return log_digest(index, log, public=True)


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Node:
    node = create_node(Layout(tmp_path_factory.mktemp("publisher") / "node"), "Museum", "museum.test/log")
    _publish(node, "first")
    return node


@pytest.fixture(scope="module")
def url(publisher: Node, serve: Serve) -> str:
    return serve(publisher.layout.root, "--no-jobs").url


@pytest.fixture
def follower(tmp_path: Path, url: str) -> Node:
    node = create_node(Layout(tmp_path / "follower"), "Follower", "follower.test/log")
    add_peer(node, url, log=None, key=None)
    return node


def _sync(node: Node) -> dict[str, object]:
    (result,) = follow_all(node)
    assert (result.trouble, result.refused, result.frozen) == ([], {}, None)
    return {"new": result.new, "whole": result.complete}


def _patiently(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 40
    while not true():
        assert time.monotonic() < until
        time.sleep(0.1)


def _is_served(url: str, publisher: Node) -> bool:
    """The server looks at its own log once a second."""
    newest = decode_leaf(publisher.reader.leaf(publisher.reader.head().size - 1))
    assert isinstance(newest, SegmentLeaf)
    return httpx.get(f"{url}/blob/sha256/{newest.segment.hex}").status_code == 200


def test_a_follower_comes_to_the_publishers_own_rows_and_only_what_is_new_is_fetched(
    publisher: Node, url: str, follower: Node
) -> None:
    size = publisher.reader.head().size
    _patiently(lambda: _is_served(url, publisher))
    assert _sync(follower) == {"new": size, "whole": True}
    assert _digest(follower, 1) == _digest(publisher, 0)
    assert _sync(follower) == {"new": 0, "whole": True}
    _publish(publisher, "second")
    _patiently(lambda: _is_served(url, publisher))
    assert _sync(follower) == {"new": 2, "whole": True}
    assert _digest(follower, 1) == _digest(publisher, 0)
    mirror = follower.layout.mirror("museum.test/log")
    assert (mirror / "checkpoint").read_bytes() == (publisher.layout.log / "checkpoint").read_bytes()
    assert run(["--node", str(follower.layout.root), "--quiet", "verify", "--deep"]) == 0


def test_a_segment_that_nobody_has_holds_the_log_up_until_somebody_has_it(
    publisher: Node, url: str, follower: Node, tmp_path: Path
) -> None:
    leaf = decode_leaf(publisher.reader.leaf(2))
    assert isinstance(leaf, SegmentLeaf)
    path = publisher.store.path(leaf.segment)
    shutil.move(path, tmp_path / "away")
    try:
        (result,) = follow_all(follower)
        assert (result.taken, result.complete) == (1, False)
        assert leaf.segment.uri in result.trouble[0]
        assert follower.peers.taken("museum.test/log") == 1
    finally:
        shutil.move(tmp_path / "away", path)
    (result,) = follow_all(follower)
    assert (result.trouble, result.complete) == ([], True)
    assert _digest(follower, 1) == _digest(publisher, 0)


def test_what_is_followed_can_be_followed_from_here(
    url: str, follower: Node, serve: Serve, tmp_path: Path
) -> None:
    _sync(follower)
    middle = serve(follower.layout.root, "--no-jobs")
    last = create_node(Layout(tmp_path / "last"), "Last", "last.test/log")
    _, log = add_peer(last, middle.url, log="museum.test/log", key=None)
    assert log.institution == "Museum"
    assert httpx.get(f"{middle.url}/mirror/{mirror_name(log.origin)}/checkpoint").status_code == 200
    assert _sync(last)["whole"]
    assert _digest(last, 1) == _digest(follower, 1)


def test_every_command_speaks_json_lines_with_a_summary_at_the_end(
    publisher: Node, url: str, tmp_path: Path, vasculum: Vasculum
) -> None:
    home = tmp_path / "home"
    assert vasculum("--node", home, "init").code == 0
    key = str(publisher.log_key)
    added = vasculum("--node", home, "--json", "peer", "add", url, "--key", key)
    assert (added.code, added.summary["logKey"]) == (0, key)
    synced = vasculum("--node", home, "--json", "sync")
    assert synced.code == 0
    assert synced.summary | {"new": 0, "blobs": 0} == {
        "type": "summary", "logs": 1, "new": 0, "blobs": 0, "partial": 0, "frozen": 0
    }  # fmt: skip
    assert synced.of("log")[0]["origin"] == "museum.test/log"
    listed = vasculum("--node", home, "--json", "peer", "ls")
    assert [item["type"] for item in listed.items] == ["peer", "log", "summary"]
    digest = Digest.of(b"first")
    fetched = vasculum("--node", home, "--json", "fetch", digest.hex)
    assert fetched.code == 0
    assert fetched.items[0] == {"type": "blob", "digest": digest.uri, "outcome": "fetched"}
    cloned = vasculum("--node", home, "--json", "clone", "museum.test/log")
    assert cloned.summary["nowhere"] == 0
    absent = vasculum("--node", home, "--json", "fetch", Digest.of(b"nobody has it").hex)
    assert (absent.code, absent.summary["nowhere"]) == (3, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("peer", "add", "http://127.0.0.1:1"),
        ("peer", "add", "ftp://museum.example"),
        ("peer", "add", "http://127.0.0.1:99999"),
        ("fetch", "no-digest"),
        ("clone", "no-digest"),
        ("serve", "--pull-only"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    fresh: Node, vasculum: Vasculum, arguments: tuple[str, ...]
) -> None:
    said = vasculum("--node", fresh.layout.root, "--json", *arguments)
    assert said.code in (1, 2)
    assert said.out == ""
    assert "Traceback" not in said.err


def test_a_key_that_is_not_the_expected_one_adds_nobody(url: str, fresh: Node, vasculum: Vasculum) -> None:
    said = vasculum("--node", fresh.layout.root, "peer", "add", url, "--key", str(fresh.log_key))
    assert said.code == 1
    assert fresh.peers.peers() == ()


@pytest.mark.slow
def test_a_served_node_ends_though_its_sync_hangs(
    rogue: Rogues, serve: Serve, url: str, follower: Node
) -> None:
    silent = rogue(lambda line: time.sleep(120))
    log = follower.peers.logs()[0]
    follower.peers.add(Peer(silent.url, "Silent", "silent.test/log", "2026-01-01T00:00:00+00:00"), log)
    serving = serve(follower.layout.root, "--follow-every", "1s")
    _patiently(lambda: silent.connections > 0)
    begun = time.monotonic()
    assert serving.stop() == 0
    assert time.monotonic() - begun < 20


def test_the_node_document_is_all_that_a_peer_needs(url: str) -> None:
    said = json.loads(httpx.get(f"{url}/.well-known/vasculum").text)
    assert {"type", "name", "origin", "logKey", "identity", "software", "endpoints"} <= set(said)
