"""Indexes of followed logs come with a sync, like segments: who follows can search what it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.errors import LimitReached
from node.peers.allowance import Allowance
from node.peers.bring import Outcome, Sources, bring
from node.peers.model import FollowedLog
from node.similar.known import KnownVectors, newest_vectors

_LARGEST_INDEX: Final = 4 << 30  # bytes; ten million vectors of 384 coordinates
_LONGEST_LINE: Final = 256  # bytes of a member on average: regions of an index are rectangles
_LARGEST_DOCUMENT: Final = 1 << 20


def bring_vectors(node: Node, say: Callable[[str], None]) -> None:
    """Fetch the newest indexes of followed logs, as far as those logs may bring more here.

    Raises:
        DiskNearlyFull: less of the disk is free than the operator wants to keep so.
    """
    with node.index() as index:
        found = newest_vectors(node, index)
        numbers = {index.log_number(log.origin): log for log in node.peers.logs()}
    for known in found:
        log = numbers.get(known.log)
        lacking = [digest for digest in known.blobs if not node.store.contains(digest)]
        if log is not None and lacking:
            _bring(node, log, known, lacking, say)


def _bring(
    node: Node, log: FollowedLog, known: KnownVectors, lacking: list[Digest], say: Callable[[str], None]
) -> None:
    limits, log = node.config.follow, node.peers.log(log.origin)
    most = limits.most_bytes if log.most is None else log.most
    allowance = Allowance(log.origin, most - log.used, most, node.layout.root, limits.keep_free)
    sources = Sources([peer.url for peer in node.peers.peers()], say, allow=allowance)
    try:
        had = [outcome for _, outcome in bring(node.store, sources, lacking, most=_sizes(known))]
    except (HashstoreError, LimitReached) as error:
        say(f"An index of vectors could not be kept: {error}")
        return
    finally:
        node.peers.weigh(log.origin, sources.spent)
        sources.close()
    if short := sum(outcome is not Outcome.FETCHED for outcome in had):
        say(f"{short:,} blobs of the index {known.digest.uri} could not be had; it cannot be searched yet.")


def _sizes(known: KnownVectors) -> dict[Digest, int]:
    """How many bytes each may have: a statement may name anything."""
    made = known.made
    return {
        made.analyzer: _LARGEST_DOCUMENT,
        made.parameters: _LARGEST_DOCUMENT,
        made.members: made.count * _LONGEST_LINE,
        made.index: _LARGEST_INDEX,
    }
