"""Journal and index: what a node keeps for itself."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from node.compose import Node
from node.errors import NodeError
from node.index import Index, index_digest
from node.verify.fault import NodeFault


def check_index(node: Node, *, sound: bool) -> Iterator[NodeFault]:
    """The index holds exactly what log and segments give.

    Args:
        node: The node.
        sound: Whether log and segments are sound; an index cannot be compared with damaged ones.
    """
    if not sound or not node.layout.index.exists():
        return
    name = node.layout.index.name
    try:
        with node.index() as index:
            found = index_digest(index)
        if found != rebuilt_digest(node):
            message = "The index differs from what log and segments give: vasculum index rebuild"
            yield NodeFault("index", "bad", name, message)
    except NodeError as error:
        yield NodeFault("index", "bad", name, str(error))


def rebuilt_digest(node: Node) -> object:
    """The digest of an index made anew, in a folder beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=node.layout.root) as folder:
        index = Index(Path(folder) / "index.duckdb")
        try:
            node.refresh(index)
            return index_digest(index)
        finally:
            index.close()
