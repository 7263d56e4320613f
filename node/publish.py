"""Put a statement of this node into its log: what it names is durable before the log names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from node.compose import Node
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue


def publish(node: Node, document: Mapping[str, Any], blobs: Iterable[Sealed] = ()) -> Digest:
    """Sign a statement without segments, append it to the log, and bring the index up to it.

    Args:
        node: The node; the caller holds its writer lock (`Node.writing`).
        document: The unsigned statement.
        blobs: What it names and is not in the store yet.

    Returns:
        The statement's digest.
    """
    statement = issue(document, node.identity, datetime.now(UTC))
    node.store.commit([*blobs, staged(node, statement.raw)])
    node.log.append([StatementLeaf(statement.digest).encode()])
    with node.index():
        pass  # opening it brings it up to the log
    return statement.digest


def staged(node: Node, data: bytes) -> Sealed:
    """Some bytes on their way into the store."""
    with node.store.stage() as staging:
        staging.write(data)
        return staging.seal()
