"""Whether a node can answer requests, beyond being alive."""

from __future__ import annotations

from node.compose import Node
from node.errors import NodeError
from provenance.errors import ProvenanceError


def readiness(node: Node) -> list[str]:
    """What keeps the node from answering; nothing if it can. The words name no path: anybody may ask."""
    faults = []
    try:
        node.reader.head()
    except (NodeError, ProvenanceError):
        faults.append("the log cannot be read")
    if not node.layout.served.exists():
        faults.append("the look-up of blobs is not there yet")
    if not node.layout.blobs.is_dir():
        faults.append("the blob store is not there")
    return faults
