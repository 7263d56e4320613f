"""The state of logs that a slice is resolved against, and what the index holds of it."""

from __future__ import annotations

from collections.abc import Collection

from hashstore.digest import Digest
from node.compose import Node
from node.errors import SliceError
from node.index import OWN_LOG, Index
from node.slices.gone import Extent
from provenance.errors import ProvenanceError
from provenance.statement.kinds import LogState


def present_state(node: Node, index: Index, origins: Collection[str] = ()) -> tuple[LogState, ...]:
    """The state of the logs as they stand here now, sorted by origin.

    Args:
        node: The node.
        index: Its open index.
        origins: Which logs; without any, the node's own and all that it follows, but for frozen ones.

    Raises:
        SliceError: a log of these is not here.
    """
    here = _numbers(node, index)
    if unknown := sorted(set(origins) - set(here)):
        raise SliceError(
            f"This node does not follow the log {unknown[0]}. It knows: {', '.join(sorted(here))}."
        )
    frozen = {log.origin for log in node.peers.logs() if log.frozen is not None}
    chosen = sorted(origins or set(here) - frozen)
    return tuple(_state(node, index, here[origin], origin) for origin in chosen)


def extents(node: Node, index: Index, state: tuple[LogState, ...]) -> tuple[Extent, ...]:
    """Where the index holds a state.

    Raises:
        SliceError: a log is not followed, has not come so far, or is another of the same name.
    """
    here = _numbers(node, index)
    return tuple(_extent(node, index, here.get(log.origin), log) for log in state)


def _numbers(node: Node, index: Index) -> dict[str, int]:
    own = node.log_key.name
    return {own if origin is None else origin: number for number, origin in index.origins().items()}


def _state(node: Node, index: Index, number: int, origin: str) -> LogState:
    head = node.log_reader(index, number).head_at(index.log_size(number))
    return LogState(origin, head.size, Digest(head.root))


def _extent(node: Node, index: Index, number: int | None, log: LogState) -> Extent:
    if number is None:
        raise SliceError(
            f"The slice is about the log {log.origin}, which this node does not follow. "
            "Follow it: vasculum peer add URL"
        )
    have = index.log_size(number)
    if have < log.size:
        how = "It is damaged." if number == OWN_LOG else "Bring more of it: vasculum sync"
        raise SliceError(
            f"The slice is about {log.size} entries of the log {log.origin}; {have} are here. {how}"
        )
    try:
        root = node.log_reader(index, number).head_at(log.size).root
    except ProvenanceError as error:
        raise SliceError(f"The log {log.origin} cannot be read as the slice needs it: {error}") from error
    if root != log.root.raw:
        raise SliceError(
            f"The slice was made of another log than the one that is here under the name {log.origin}: "
            f"with {log.size} entries that one had the root {log.root.hex}, this one {root.hex()}. "
            "One of the two was forked: ask its operator before you go on."
        )
    return Extent(number, log.size)
