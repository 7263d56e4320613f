"""Who cannot be reached costs one attempt a sync, not one for each log."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from node.compose import Node
from node.peers.client import PeerUnreachable
from node.peers.lines import Lines
from node.peers.model import Peer
from node.peers.sync import follow_all

if TYPE_CHECKING:
    from tests.node.peers.conftest import Follow, Peers, Rogues


def test_a_line_to_whom_did_not_answer_is_dead_at_once() -> None:
    lines = Lines()
    with pytest.raises(PeerUnreachable, match="refused"):
        lines("http://127.0.0.1:1").get("/log/checkpoint", 100)
    again = lines("http://127.0.0.1:1/")
    with pytest.raises(PeerUnreachable, match="not tried again"):
        again.get("/log/checkpoint", 100)
    with pytest.raises(PeerUnreachable, match="not tried again"), again.answer("GET", "/", most=1):
        pass
    again.close()
    with pytest.raises(PeerUnreachable, match="refused"):
        Lines()("http://127.0.0.1:1").get("/log/checkpoint", 100)


def test_a_sync_of_many_logs_connects_once_to_a_dead_peer(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = following("follower", rogue(peers.shown(museum)))
    (log,) = node.peers.logs()
    node.peers.add(Peer("http://127.0.0.1:1", "Gone", "gone.test/log", "2026-01-01T00:00:00+00:00"), log)
    real, dead = socket.create_connection, []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        dead.extend([address] if address[1] == 1 else [])
        return real(address, timeout)

    monkeypatch.setattr("node.peers.client.socket.create_connection", connect)
    (result,) = follow_all(node)
    assert (result.taken, len(dead)) == (3, 1)
    assert any("127.0.0.1:1" in text for text in result.trouble)
