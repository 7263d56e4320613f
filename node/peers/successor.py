"""Following on: whether the keeper of a log that cannot go on shows another that continues it by right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from hashstore.errors import HashstoreError
from node.compose import Node
from node.errors import NodeError
from node.peers.add import described_by
from node.peers.bring import Sources, bring
from node.peers.client import PeerClient
from node.peers.keys import known_history
from node.peers.model import FollowedLog, Peer
from node.peers.remote import RemoteLog
from provenance.errors import BadKeyChange, CorruptLog, ProvenanceError
from provenance.key_history import KeyHistory
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.log.mirror import Mirror
from provenance.log.reader import LogReader
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds import LogSuccessor
from provenance.succession import check_succession


def follow_successor(node: Node, log: FollowedLog, say: Callable[[str], None]) -> str | None:
    """Ask the keeper of a log that cannot go on whether another one continues it; if so, follow that.

    Args:
        node: This node.
        log: The log; frozen, or in trouble.
        say: Told what came of it, in words.

    Returns:
        The name of the new log; None where none continues the old one by right.
    """
    for peer in node.peers.peers():
        if peer.origin != log.origin:
            continue
        try:
            with PeerClient(peer.url) as client:
                found = _successor(node, log, client)
        except (NodeError, ProvenanceError, HashstoreError) as error:
            say(f"{peer.url} shows no log that continues {log.origin} by right: {error}")
            continue
        if found is not None:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            node.peers.add(Peer(peer.url, found.institution, found.origin, now), found)
            node.peers.continued(log.origin, f"it is continued by {found.origin}")
            say(f"{log.origin} is continued by {found.origin}, which is followed now.")
            return found.origin
    return None


def _successor(node: Node, log: FollowedLog, client: PeerClient) -> FollowedLog | None:
    new = described_by(client)
    if new.origin == log.origin:
        return None
    reader = LogReader(RemoteLog(client, "/log/"), new.key)
    description, succession = (_statement(node, client, reader, index) for index in (0, 1))
    old = known_history(node.store, node.peers.key_statements(log.origin))
    if old is None:
        raise BadKeyChange(f"nothing of {log.origin} is here, so nothing says who may continue it")
    said = check_succession(old, KeyHistory.begin(description), succession)
    if said.origin != new.origin:
        raise BadKeyChange(f"the log {new.origin} begins with the description of {said.origin}")
    _check_head(node, log, said)
    return new


def _statement(node: Node, client: PeerClient, reader: LogReader, index: int) -> Statement:
    leaf = decode_leaf(reader.leaf(index))
    if not isinstance(leaf, StatementLeaf):
        raise CorruptLog(f"leaf {index} of {reader.key.name} names no statement")
    sources = Sources([client.url], lambda text: None)
    try:
        for _ in bring(node.store, sources, [leaf.statement]):
            pass
    finally:
        sources.close()
    return parse_statement(node.store.read(leaf.statement))


def _check_head(node: Node, log: FollowedLog, said: LogSuccessor) -> None:
    """Where the new log stands by a head that is here too, it has to be the same."""
    mirror = Mirror(node.layout.mirror(log.origin), log.key, former=log.former)
    if said.head.size <= mirror.head().size:
        mirror.consistency(said.head)
