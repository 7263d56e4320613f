"""Which entries of its own log a node took back by revoking a key; its followers come to the same."""

from __future__ import annotations

from hashstore.digest import Digest
from node.compose import Node
from node.keys.history import read_history
from node.peers.ahead import changes_keys
from node.peers.voided import read_entry, voided
from provenance.log.leaf import Leaf, StatementLeaf
from provenance.statement import parse_statement


def own_void(node: Node) -> frozenset[int]:
    """Where statements and segments of this node's own log stand that count no more.

    Raises:
        ProvenanceError, HashstoreError: the log or a statement is damaged.
    """
    found: set[int] = set()
    for places in read_history(node).void_leaves:
        leaves = node.reader.leaves(places.start, places.stop)
        entries = [read_entry(index, raw) for index, raw in zip(places, leaves, strict=True)]
        about_keys = {one for _, leaf in entries if (one := _about_keys(node, leaf)) is not None}
        found |= set(voided(entries, about_keys))
    return frozenset(found)


def _about_keys(node: Node, leaf: Leaf | str) -> Digest | None:
    """The statement that a leaf names, if it is about keys."""
    if not isinstance(leaf, StatementLeaf):
        return None
    return leaf.statement if changes_keys(parse_statement(node.store.read(leaf.statement))) else None
