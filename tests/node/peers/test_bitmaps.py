"""What a claim says that it lacks comes with the sync that brings the claim."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from manifests.holdings import encode_places
from node.compose import Node
from node.peers.sync import follow_all
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import ReplicaClaim

if TYPE_CHECKING:
    from tests.node.peers.conftest import Follow, Peers, Rogues


def test_a_sync_brings_the_bitmaps_of_new_claims_once_somebody_has_them(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers
) -> None:
    bitmap = encode_places([0, 2])
    claim = ReplicaClaim(
        new_statement_id(),
        museum.identity.public,
        slice=Digest.of(b"slice"),
        members_root=Digest.of(b"members"),
        held=5,
        missing=Digest.of(bitmap),
        made=datetime.now(UTC),
    )
    statement = issue(claim.document(), museum.identity, datetime.now(UTC))
    add_bytes(museum.store, statement.raw)
    museum.log.append([StatementLeaf(statement.digest).encode()])
    node, said = following("follower", rogue(peers.shown(museum))), list[str]()
    (result,) = follow_all(node, said.append)
    assert result.complete
    assert "1 claims do not count" in said[-1]
    add_bytes(museum.store, bitmap)
    peers.publish(museum, "second")
    (result,) = follow_all(node)
    assert result.complete
    assert node.store.read(Digest.of(bitmap)) == bitmap
