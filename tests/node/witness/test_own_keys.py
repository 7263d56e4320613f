"""This node as a witness of a log whose key has changed: each head by the key of its own time."""

from __future__ import annotations

from pathlib import Path

import pytest

from hashstore.blobstore import add_bytes
from node.compose import Node, open_node
from node.create import create_node
from node.keys.rotate import revoke, rotate
from node.layout import Layout
from node.peers.model import FollowedLog
from node.witness.own import own_witness
from provenance.keys import SigningKey
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import parse_statement
from provenance.statement.kinds import KeyRole
from provenance.witness import encode_request

ORIGIN = "museum.test/log"


@pytest.fixture
def museum(tmp_path: Path) -> Node:
    return create_node(Layout(tmp_path / "museum"), "Museum", ORIGIN)


@pytest.fixture
def old(museum: Node) -> SigningKey:
    """The museum's first log key; it has another now, and its log goes on."""
    from node.keys.load import load_key

    key = load_key(museum.layout.log_key)
    with museum.writing():
        rotate(museum, KeyRole.LOG)
    open_node(museum.layout).log.append([b'{"type":"later"}'])
    return key


@pytest.fixture
def follower(museum: Node, old: SigningKey, tmp_path: Path) -> Node:
    """A node that has taken the museum's log."""
    museum, node = open_node(museum.layout), create_node(Layout(tmp_path / "w"), "W", "w.test/log")
    node.peers.keep(FollowedLog(museum.log_key, museum.identity_public, "Museum", ""), 0)
    _take(museum, node)
    return node


def _take(museum: Node, node: Node) -> None:
    statements = {}
    for index, raw in enumerate(museum.reader.leaves()):
        leaf = decode_leaf(raw)
        if isinstance(leaf, StatementLeaf):
            data = museum.store.read(leaf.statement)
            add_bytes(node.store, data)
            statements[parse_statement(data).digest] = index
    node.peers.take(ORIGIN, museum.reader.head().size, {}, statements, set(statements))


def _ask(node: Node, signed: bytes, old_size: int, proof: tuple[bytes, ...] = ()) -> int:
    return own_witness(node).add_checkpoint(encode_request(old_size, proof, signed)).status


def test_a_head_is_cosigned_if_the_key_of_its_size_signed_it(
    museum: Node, old: SigningKey, follower: Node
) -> None:
    reader = open_node(museum.layout).reader
    early = Checkpoint(ORIGIN, reader.head_at(1)).sign(old)
    newest = reader.signed_checkpoint()
    assert newest is not None
    assert _ask(follower, early, 0) == 200
    assert _ask(follower, newest, 1, reader.consistency(reader.head_at(1))) == 200


def test_a_former_key_gets_no_newer_head_cosigned(old: SigningKey, follower: Node) -> None:
    stolen = Checkpoint(ORIGIN, TreeHead(9, b"x" * 32)).sign(old)
    assert _ask(follower, stolen, 0) == 403
    assert follower.peers.log(ORIGIN).frozen is None


def test_two_histories_of_the_former_keys_time_are_still_proved(
    museum: Node, old: SigningKey, follower: Node
) -> None:
    early = Checkpoint(ORIGIN, open_node(museum.layout).reader.head_at(1)).sign(old)
    other = Checkpoint(ORIGIN, TreeHead(1, b"x" * 32)).sign(old)
    assert _ask(follower, early, 0) == 200
    assert _ask(follower, other, 1) == 422
    assert "two histories" in str(follower.peers.log(ORIGIN).frozen)


def test_a_revoked_key_gets_nothing_cosigned(museum: Node, old: SigningKey, follower: Node) -> None:
    museum = open_node(museum.layout)
    early = Checkpoint(ORIGIN, museum.reader.head_at(1)).sign(old)
    with museum.writing():
        revoke(museum, KeyRole.LOG, old.public, 1)
    _take(museum, follower)
    assert _ask(follower, early, 0) == 403
