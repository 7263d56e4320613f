"""Which entries a revocation takes back that reaches behind itself (spec/keys.md). Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TypeAlias

from hashstore.digest import Digest
from provenance.errors import MalformedLeaf
from provenance.log.leaf import Leaf, SegmentLeaf, StatementLeaf, decode_leaf

Entry: TypeAlias = tuple[int, Leaf | str]
"""A leaf with its log index; or why it is none."""


def read_entry(index: int, raw: bytes) -> Entry:
    """A leaf with its place, read."""
    try:
        return index, decode_leaf(raw)
    except MalformedLeaf as error:
        return index, str(error)


def voided(entries: Iterable[Entry], about_keys: Container[Digest]) -> list[int]:
    """The entries that count no more, out of those at which a revoked key was active.

    It is the place that decides: only the key of then could have signed what stands there. What was said of
    keys stands, and so does what stands behind a statement from before.

    Args:
        entries: A whole range in which no signature counts (`KeyHistory.void_leaves`).
        about_keys: The statements about keys.
    """
    found, behind_void = [], False
    for index, leaf in entries:
        if isinstance(leaf, StatementLeaf):
            behind_void = leaf.statement not in about_keys
        elif not isinstance(leaf, SegmentLeaf):
            behind_void = False
        if behind_void:
            found.append(index)
    return found
