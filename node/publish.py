"""Put a statement of this node into its log: what it names is durable before the log names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from node.compose import Node
from provenance.log.leaf import StatementLeaf
from provenance.statement import Statement, issue


def publish(node: Node, document: Mapping[str, Any], blobs: Iterable[Sealed] = ()) -> Digest:
    """Sign a statement without segments, append it to the log, and bring the index up to it.

    Args:
        node: The node; the caller holds its writer lock (`Node.writing`).
        document: The unsigned statement.
        blobs: What it names and is not in the store yet.

    Returns:
        The statement's digest.
    """
    statement = signed(node, document)
    append(node, [statement], blobs)
    return statement.digest


def signed(node: Node, document: Mapping[str, Any]) -> Statement:
    """Sign a statement that is not in the log yet, so that another one can name it."""
    return issue(document, node.identity, datetime.now(UTC))


def append(node: Node, statements: Sequence[Statement], blobs: Iterable[Sealed] = ()) -> None:
    """Put statements without segments into the log together, and bring the index up to it.

    Args:
        node: The node; the caller holds its writer lock (`Node.writing`).
        statements: In the order in which they come into the log; all of them or none.
        blobs: What they name and is not in the store yet.
    """
    node.store.commit([*blobs, *(staged(node, one.raw) for one in statements)])
    node.log.append([StatementLeaf(one.digest).encode() for one in statements])
    with node.index():
        pass  # opening it brings it up to the log


def staged(node: Node, data: bytes) -> Sealed:
    """Some bytes on their way into the store."""
    with node.store.stage() as staging:
        staging.write(data)
        return staging.seal()
