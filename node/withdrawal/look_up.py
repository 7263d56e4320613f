"""What a node that is at hand knows of a cited thing having been taken back."""

from __future__ import annotations

from typing import Any

from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from node.compose import open_node
from node.errors import NodeError
from node.layout import Layout
from node.look.resolve import resolve
from node.withdrawal.account import account_of_withdrawal
from provenance.errors import ProvenanceError


def withdrawn_here(layout: Layout, identifier: str) -> dict[str, Any] | None:
    """The notice that took a thing back; None if there is none, or the node cannot be asked.

    Args:
        layout: The node.
        identifier: The thing, as a citation names it.
    """
    try:
        node = open_node(layout)
        with node.index() as index:
            return account_of_withdrawal(node.config, index, resolve(node, index, identifier))
    except (NodeError, HashstoreError, ManifestError, ProvenanceError):
        return None  # a citation is checked without any node; what this one could add is a courtesy
