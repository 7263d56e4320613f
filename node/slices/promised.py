"""What this node has said that it holds: verify looks for it, and repair brings it again."""

from __future__ import annotations

from collections.abc import Iterator

from hashstore.digest import Digest
from node.compose import Node
from node.errors import NodeError
from node.index import OWN_LOG, Index
from node.slices.claims import holding_of, known_claims
from node.slices.known import known_slices, members_of, slice_at
from provenance.errors import ProvenanceError


def promised(node: Node) -> Iterator[Digest]:
    """The lists of own slices, what own claims name, and the members that they claim.

    Nothing is told of a slice whose members cannot be had: its list is named, and so found to be missing.
    """
    if not node.layout.index.exists():
        return  # to look must not make one
    try:
        with node.index() as index:
            found = dict.fromkeys(_promised(node, index))
    except (NodeError, ProvenanceError):
        return  # index or log is damaged, which is told elsewhere
    yield from found


def _promised(node: Node, index: Index) -> Iterator[Digest]:
    for known in known_slices(node, index):
        if known.log == OWN_LOG:
            yield known.slice.members
    for claimed in known_claims(node, index):
        if claimed.log != OWN_LOG:
            continue
        if claimed.claim.missing is not None:
            yield claimed.claim.missing
        try:
            wanted = slice_at(node, index, claimed.claim.slice)
            members = members_of(node, index, wanted)
        except NodeError:
            continue
        holding = holding_of(node, claimed, wanted, members)
        yield from (one for one in members if holding is not None and holding.holds(one))
