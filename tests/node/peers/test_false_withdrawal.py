"""A peer's word that something is withdrawn costs nothing, whoever it says that it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.compose import Node
from node.index import log_digest
from node.peers.add import add_peer
from node.peers.sync import follow_all

if TYPE_CHECKING:
    from tests.node.peers.conftest import Follow, Peers, Rogues


def _gone(path: str) -> int:
    return 410 if path.startswith("/blob/") else 200


def test_who_poses_as_the_keeper_makes_nobody_believe_that_rows_were_withdrawn(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers
) -> None:
    node = following("follower", rogue(peers.shown(museum, _gone)))  # it shows the museum's name and keys
    (result,) = follow_all(node)
    assert (result.refused, result.taken, result.frozen) == ({}, 0, None)
    assert "Nobody who could be asked" in result.trouble[0]
    add_peer(node, rogue(peers.shown(museum)).url, log=None, key=None)
    (result,) = follow_all(node)
    assert (result.refused, result.complete) == ({}, True)
    with node.index() as mine, museum.index() as theirs:
        assert log_digest(mine, 1, public=True) == log_digest(theirs, 0, public=True)


def test_what_the_log_itself_takes_back_need_not_be_had(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers
) -> None:
    from node.cli.main import run

    peers.publish(museum, "second")
    with museum.index() as index:
        [row] = index.rows("SELECT segment FROM leaf WHERE log_index = 2")
    gone = bytes(row["segment"]).hex()
    assert run(["--node", str(museum.layout.root), "--quiet", "withdraw", gone, "--reason", "error"]) == 0

    def status(path: str) -> int:
        return 404 if path.endswith(gone) else 200  # no word of it, not even 410

    node = following("late", rogue(peers.shown(museum, status)))
    (result,) = follow_all(node)
    assert (result.refused, result.complete) == ({2: "it was withdrawn"}, True)
