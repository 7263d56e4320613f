"""What this machine cannot examine now is not refused: the log stands still, and goes on when it can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawlers.box import Box, BoxLimits
from hashstore.blobstore import MemoryBlobStore, add_bytes
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from node.compose import Node
from node.index import log_digest
from node.peers import sync
from node.peers.ahead import history_ahead
from node.peers.bring import Sources
from node.peers.examine import Judged, examine_segments
from node.peers.patience import Patience
from provenance.errors import RdfTimeout
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import parse_statement

if TYPE_CHECKING:
    from pathlib import Path

    from tests.node.peers.conftest import Follow, Peers, Rogues

_TOO_LITTLE = {
    "time": ("node.peers.box._LIMITS", BoxLimits(wall=0.05)),
    "memory": ("node.peers.box._LIMITS", BoxLimits(address_space=300 << 20)),
    "time for RDF": ("node.peers.sync._RDF_SECONDS", 0.0),
}


def _rows(node: Node, log: int) -> Digest:
    with node.index() as index:
        return log_digest(index, log, public=True)


@pytest.mark.parametrize("what", _TOO_LITTLE)
def test_a_machine_with_too_little_refuses_nothing_and_comes_to_the_same_rows_later(
    what: str, museum: Node, following: Follow, rogue: Rogues, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = following("small", rogue(peers.shown(museum)))
    with monkeypatch.context() as patch:
        patch.setattr(*_TOO_LITTLE[what])
        (result,) = sync.follow_all(node)
        assert (result.refused, result.frozen, result.unread) == ({}, None, True)
        assert "could not be examined on this machine now" in result.trouble[0]
        assert result.taken < result.size == 3
        assert node.peers.log("museum.test/log").trouble == result.trouble[0]
    (result,) = sync.follow_all(node)
    assert (result.trouble, result.refused, result.complete) == ([], {}, True)
    assert _rows(node, 1) == _rows(museum, 0)


def test_what_has_changed_on_this_disk_is_not_held_against_its_publisher(
    museum: Node, tmp_path: Path
) -> None:
    leaf = decode_leaf(museum.reader.leaf(2))
    assert isinstance(leaf, SegmentLeaf)
    file = tmp_path / "segment"
    file.write_bytes(museum.store.read(leaf.segment)[:-1])
    judged = examine_segments(lambda digest: file, {7: leaf})
    assert judged.refused == {}
    assert "changed" in judged.unread[7]
    assert str(tmp_path) not in judged.unread[7]


def test_one_that_cannot_be_examined_says_nothing_of_those_beside_it(museum: Node) -> None:
    leaf = decode_leaf(museum.reader.leaf(2))
    assert isinstance(leaf, SegmentLeaf)
    with Box("node.peers.examine:examined", BoxLimits(wall=0.01)) as hurried:
        judged = examine_segments(museum.store.path, {1: leaf, 2: leaf}, hurried)
    assert judged == Judged({}, {})


def test_patience_wears_thin_and_comes_back() -> None:
    patience = Patience()
    tried = []
    for sync_number in range(20):
        if patience.examines("log"):
            tried.append(sync_number)
            patience.note("log", unread=True)
    assert tried == [0, 1, 3, 7, 15]
    other = [patience.examines("other") for _ in range(3)]
    assert other == [True] * 3
    fresh = Patience()
    assert fresh.examines("log")
    fresh.note("log", unread=False)
    assert fresh.examines("log")


def test_a_server_fetches_entries_while_it_does_not_examine_them(
    museum: Node, following: Follow, rogue: Rogues, peers: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, patience = following("small", rogue(peers.shown(museum))), Patience()
    with monkeypatch.context() as patch:
        patch.setattr(*_TOO_LITTLE["time for RDF"])
        first, second = (sync.follow_all(node, patience=patience)[0] for _ in range(2))
        assert first.unread
        assert second.unread
    peers.publish(museum, "second")
    (third,) = sync.follow_all(node, patience=patience)
    assert (third.size, third.taken, third.trouble) == (5, 0, second.trouble)
    (fourth,) = sync.follow_all(node, patience=patience)
    assert (fourth.taken, fourth.trouble) == (5, [])


def test_what_keys_a_log_has_further_on_is_not_guessed_where_there_is_no_time_to_read_it(
    museum: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaf = decode_leaf(museum.reader.leaf(0))
    assert isinstance(leaf, StatementLeaf)
    said = parse_statement(museum.store.read(leaf.statement))
    proofs = [one for one in said.proofs if one["cryptosuite"] == "eddsa-rdfc-2022"]
    store = MemoryBlobStore()
    alone = add_bytes(store, canonical_json({**said.document, "proof": proofs}))
    leaves = [(0, StatementLeaf(alone).encode())]
    history = history_ahead(store, Sources([]), None, leaves)
    assert history is not None
    assert history.identity == museum.identity.public
    monkeypatch.setattr("provenance.statement.signers._SECONDS", 0.0)
    with pytest.raises(RdfTimeout):
        history_ahead(store, Sources([]), None, leaves)
