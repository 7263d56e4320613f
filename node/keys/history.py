"""The key history of this node's own log, read straight from log and store."""

from __future__ import annotations

from node.compose import Node
from node.errors import NodeError
from provenance.key_history import KeyHistory
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import parse_statement


def read_history(node: Node) -> KeyHistory:
    """Fold every statement of this node's log.

    Raises:
        BadKeyChange: the log changes keys in a way that it may not.
        ProvenanceError, HashstoreError: the log or a statement is damaged.
        NodeError: the log does not begin with a statement.
    """
    history: KeyHistory | None = None
    for index, raw in enumerate(node.reader.leaves()):
        leaf = decode_leaf(raw)
        if isinstance(leaf, StatementLeaf):
            statement = parse_statement(node.store.read(leaf.statement))
            if history is not None:
                history = history.advance(index, statement)
            elif index == 0:
                history = KeyHistory.begin(statement)
    if history is None:
        raise NodeError("The first entry of this node's log names no statement, so it has no keys.")
    return history
