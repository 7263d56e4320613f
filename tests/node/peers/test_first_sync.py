"""Whoever follows a log anew comes as far as those who follow it already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.compose import Node
from node.peers.sync import follow_all
from provenance.log.leaf import StatementLeaf

if TYPE_CHECKING:
    from tests.node.peers.conftest import Follow, Peers, Rogues


def test_what_is_no_statement_further_on_keeps_nobody_from_beginning(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers
) -> None:
    url = rogue(peers.shown(museum))
    early = following("early", url)
    assert follow_all(early)[0].complete
    peers.publish(museum, "second")
    large = add_bytes(museum.store, bytes(3 << 20))
    museum.log.append([StatementLeaf(large).encode(), StatementLeaf(Digest.of(b"nobody has it")).encode()])
    late = following("late", url)
    for node in (early, late):
        (result,) = follow_all(node)
        assert (result.taken, result.size, result.frozen, result.refused) == (5, 7, None, {})
        assert not node.store.contains(large)
