"""Make a slice: resolve a filter now, keep the list, sign what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hashstore.digest import Digest
from manifests.filter import And, Eq, Filter, In, Range, filter_text, parse_filter, read_filter
from manifests.filter.fields import FIELDS
from manifests.members import MemberList
from node.checklists.use import resolved
from node.compose import Node
from node.index import OWN_LOG, Index
from node.publish import publish, staged
from node.slices.known import KnownSlice, find_slice, known_slices
from node.slices.members import resolve_members
from node.slices.state import extents, present_state
from provenance.statement import new_statement_id
from provenance.statement.kinds import Slice
from provenance.statement.text import plain_text


def composed(
    text: str | None,
    wishes: Mapping[str, Sequence[str]],
    first: str | None = None,
    last: str | None = None,
) -> Filter:
    """One filter out of a written one and plain wishes; all of them have to hold.

    Args:
        text: A filter in either written form, or None.
        wishes: By field, the values of which one is wanted; a field without values is not asked.
        first: Collected on this date or later.
        last: Collected on this date or earlier.

    Raises:
        FilterRefused: naming the place in the filter that came of it.
    """
    parts: list[Filter] = [] if text is None else [read_filter(text)]
    for name, values in wishes.items():
        if len(values) == 1:
            parts.append(Eq(FIELDS[name], values[0]))
        elif values:
            parts.append(In(FIELDS[name], tuple(values)))
    if first is not None or last is not None:
        parts.append(Range(FIELDS["date"], first, last))
    whole = parts[0] if len(parts) == 1 else And(tuple(parts))
    return parse_filter(filter_text(whole))


def create_slice(
    node: Node, name: str, tree: Filter, origins: Sequence[str] = (), previous: str | None = None
) -> KnownSlice:
    """Resolve a filter against the logs as they stand now, and sign the slice into the node's log.

    Args:
        node: The node; the caller holds its writer lock.
        name: What people call it. The newest own slice of the same name becomes its predecessor.
        tree: Which images.
        origins: Of which logs; without any, of all that are here and sound.
        previous: The slice that it replaces, if that has another name.

    Raises:
        SliceError: the logs cannot be had as that needs.
    """
    with node.index() as index:
        earlier = _previous(node, index, name, previous)
        made, members = draft_slice(node, index, name, tree, origins, earlier)
    made = replace(made, agent=node.identity.public)
    digest = publish(node, made.document(), [staged(node, members.data)])
    return KnownSlice(digest, OWN_LOG, node.reader.head().size - 1, made)


def draft_slice(
    node: Node, index: Index, name: str, tree: Filter, origins: Sequence[str], previous: Digest | None
) -> tuple[Slice, MemberList]:
    """Resolve a filter against the logs as they stand now; nothing is signed or kept.

    Raises:
        SliceError: the logs cannot be had as that needs.
    """
    state = present_state(node, index, origins)
    members = resolve_members(index, resolved(node, tree), extents(node, index, state))
    made = Slice(
        id=new_statement_id(),
        agent=node.identity_public,
        name=plain_text(name),
        filter=tree,
        state=state,
        members=Digest.of(members.data),
        members_root=members.root,
        count=len(members),
        made=datetime.now(UTC).replace(microsecond=0),
        previous=previous,
    )
    return made, members


def _previous(node: Node, index: Index, name: str, previous: str | None) -> Digest | None:
    if previous is not None:
        return find_slice(node, index, previous).digest
    for known in known_slices(node, index):
        if known.log == OWN_LOG and known.slice.name == plain_text(name):
            return known.digest
    return None
