"""Following a log whose keys change, and one whose keys were stolen: real servers, one key each too many."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from hashstore.blobstore import add_bytes
from node.compose import Node, open_node
from node.create import create_node
from node.keys.rotate import rotate
from node.layout import Layout
from node.peers.add import add_peer
from node.peers.model import FollowedLog, LogSync
from node.peers.sync import follow_all
from provenance.keys import SigningKey
from provenance.log.leaf import StatementLeaf
from provenance.statement import Statement, issue, new_statement_id
from provenance.statement.kinds import KeyChange, KeyRole

ORIGIN = "museum.test/log"


@contextmanager
def _serving(node: Node) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        sys.executable,
        "-m",
        "node.cli",
        "--node",
        str(node.layout.root),
        "serve",
        "--no-jobs",
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _until(lambda: _ready(url))
            yield url
        finally:
            process.terminate()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _until(true: object) -> None:
    assert callable(true)
    for _ in range(200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about within 20 seconds")


def _rotate(node: Node, role: KeyRole) -> None:
    with node.writing():
        rotate(node, role)


def _publish(node: Node, url: str) -> None:
    """Append something that every follower has to see, and wait until the server gives it out."""
    key = node.identity
    document = {
        "@context": ["https://w3id.org/security/data-integrity/v2", "https://w3id.org/vasculum/v1"],
        "id": new_statement_id(),
        "type": "Activity",
    }
    _append(node, url, issue(document, key, datetime.now(UTC)))


def _append(node: Node, url: str, statement: Statement) -> None:
    add_bytes(node.store, statement.raw)
    node.log.append([StatementLeaf(statement.digest).encode()])
    _until(lambda: httpx.get(f"{url}/blob/sha256/{statement.digest.hex}").status_code == 200)


def _sync(node: Node) -> LogSync:
    (result,) = follow_all(node)
    return result


def _followed(node: Node) -> FollowedLog:
    return open_node(node.layout).peers.log(ORIGIN)


@pytest.fixture
def museum(tmp_path: Path) -> Node:
    return create_node(Layout(tmp_path / "museum"), "Museum", ORIGIN)


@pytest.fixture
def follower(tmp_path: Path) -> Node:
    return create_node(Layout(tmp_path / "follower"), "Follower", "follower.test/log")


@pytest.mark.slow
def test_a_log_is_followed_through_every_change_of_its_keys(museum: Node, follower: Node) -> None:
    with _serving(museum) as url:
        add_peer(follower, url, log=None, key=str(museum.log_key))
        assert _sync(follower).complete
        for role in (KeyRole.LOG, KeyRole.IDENTITY, KeyRole.LOG):
            _rotate(museum, role)
            _publish(museum, url)
            result = _sync(follower)
            assert (result.complete, result.refused) == (True, {})
            assert _followed(follower).key == museum.log_key
        late = create_node(Layout(follower.layout.root.with_name("late")), "Late", "late.test/log")
        add_peer(late, url, log=None, key=str(museum.log_key))
        assert _sync(late).complete
        assert _followed(late).key == museum.log_key


def _thief(museum: Node, url_of_log: Path) -> Node:
    """Whoever copied the museum's keys, with its log as it was then."""
    shutil.copytree(museum.layout.root, url_of_log)
    for name in ("next-log.pem", "next-identity.pem"):
        (url_of_log / "keys" / name).unlink()  # those were in a safe
    return open_node(Layout(url_of_log))


@pytest.mark.slow
def test_a_stolen_key_gains_nothing_once_it_was_changed(museum: Node, follower: Node, tmp_path: Path) -> None:
    thief = _thief(museum, tmp_path / "thief")
    with _serving(museum) as url, _serving(thief) as lair:
        add_peer(follower, url, log=None, key=None)
        _rotate(museum, KeyRole.LOG)
        _rotate(museum, KeyRole.IDENTITY)
        _publish(museum, url)
        assert _sync(follower).complete
        add_peer(follower, lair, log=None, key=None)
        for _ in range(5):
            _publish(thief, lair)
        result = _sync(follower)
        assert result.frozen is None
        assert result.size == museum.reader.head().size
        assert any(lair in text for text in result.trouble)
        _publish(museum, url)
        assert _sync(follower).size == museum.reader.head().size


def test_a_thief_cannot_change_the_keys_to_one_that_the_log_did_not_commit_to(
    museum: Node, follower: Node, tmp_path: Path
) -> None:
    thief = _thief(museum, tmp_path / "thief")
    mine = SigningKey.generate()
    with _serving(thief) as lair:
        add_peer(follower, lair, log=None, key=None)
        assert _sync(follower).complete
        before = follower.peers.taken(ORIGIN)
        change = KeyChange(
            new_statement_id(), ORIGIN, KeyRole.LOG, thief.log_key.key, mine.public, datetime.now(UTC)
        )
        _append(thief, lair, issue(change.document(), thief.identity, datetime.now(UTC)))
        result = _sync(follower)
    assert result.frozen is not None
    assert "committed" in result.frozen
    assert follower.peers.taken(ORIGIN) == before
    assert _followed(follower).frozen == result.frozen
