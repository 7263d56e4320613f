"""Who holds what: this node, and those who claim to; and how many copies each slice has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hashstore.digest import Digest
from manifests.holdings import Holding, decode_places, encode_places, fewest_copies
from manifests.members import MemberList
from node.compose import Node
from node.errors import NodeError
from node.index import OWN_LOG, Index
from node.slices.claims import KnownClaim, holdings_of, trusted_claims
from node.slices.known import KnownSlice, known_slices, members_of, slice_at
from node.slices.replicate import CAPTURED, WITHHELD, among

_CAPTURED_BY = (
    "SELECT DISTINCT digest, log FROM capture WHERE access = 'public' AND log <> 0 "
    "AND digest IN (SELECT unnest(?)) ORDER BY log"
)


class How(StrEnum):
    """Why somebody is thought to hold a blob."""

    HELD = "held"
    """It is in this node's store."""
    CLAIMED = "claimed"
    """A signed claim says so, and no audit by this node has refuted it."""
    CAPTURED = "captured"
    """The log says that it once received the bytes."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who may have a blob.

    Attributes:
        origin: Their log.
        how: Why they are thought to.
        urls: Where to ask.
        claim: The claim, where there is one.
        slice: The slice that it is about.
    """

    origin: str
    how: How
    urls: tuple[str, ...] = ()
    claim: Digest | None = None
    slice: Digest | None = None


def locate(
    node: Node, index: Index, digests: Iterable[Digest], *, public: bool = False
) -> dict[Digest, list[Holder]]:
    """Who holds some blobs: this node first, then claims, then logs that captured them.

    Args:
        node: The node.
        index: Its open index.
        digests: Which.
        public: Leave out that this node holds what it withholds.
    """
    found: dict[Digest, list[Holder]] = {digest: [] for digest in digests}
    hidden = among(index, WITHHELD, found) if public else frozenset()
    named = among(index, CAPTURED, found) | _of_others(index, found) if public else frozenset(found)
    for digest, holders in found.items():
        if digest not in hidden and digest in named and node.store.contains(digest):
            holders.append(Holder(node.log_key.name, How.HELD))
    urls = _urls(node)
    for known, holding in _all_holdings(node, index):
        for digest, holders in found.items():
            if known.log != OWN_LOG and holding.holds(digest):
                holders.append(
                    Holder(
                        known.origin, How.CLAIMED, urls.get(known.origin, ()), known.digest, known.claim.slice
                    )
                )
    origins = index.origins()
    for row in index.rows(_CAPTURED_BY, [[digest.raw for digest in found]]):
        origin = str(origins[row["log"]])
        found[Digest(row["digest"])].append(Holder(origin, How.CAPTURED, urls.get(origin, ())))
    return found


def _of_others(index: Index, digests: Iterable[Digest]) -> frozenset[Digest]:
    return frozenset(
        Digest(row["digest"]) for row in index.rows(_CAPTURED_BY, [[digest.raw for digest in digests]])
    )


def _urls(node: Node) -> dict[str, tuple[str, ...]]:
    urls: dict[str, tuple[str, ...]] = {}
    for peer in node.peers.peers():
        if peer.origin is not None:
            urls[peer.origin] = (*urls.get(peer.origin, ()), peer.url)
    return urls


def _all_holdings(node: Node, index: Index) -> Iterator[tuple[KnownClaim, Holding]]:
    """Each trusted claim with the members that it is about; those that cannot be read count for nothing."""
    by_slice: dict[Digest, list[KnownClaim]] = {}
    for known in trusted_claims(node, index):
        by_slice.setdefault(known.claim.slice, []).append(known)
    for slice, claims in by_slice.items():
        try:
            wanted = slice_at(node, index, slice)
            members = members_of(node, index, wanted)
        except NodeError:
            continue
        yield from holdings_of(node, claims, wanted, members)


@dataclass(frozen=True, slots=True)
class Copies:
    """How often a slice is held.

    Attributes:
        slice: The slice.
        complete: The logs that claim all of it, this node's own store included.
        partial: Those that claim a part.
        least: Copies of the member that has the fewest; None if the members cannot be told here.
        worst: How many members have so few.
    """

    slice: KnownSlice
    complete: tuple[str, ...]
    partial: tuple[str, ...]
    least: int | None
    worst: int

    def short_of(self, wanted: int) -> bool:
        """Whether a member has fewer copies than are wanted; of a slice without members none has."""
        return self.least is None or (self.slice.slice.count > 0 and self.least < wanted)


def copies_of_slices(node: Node, index: Index) -> Iterator[Copies]:
    """Count the copies of each slice that no later one of its log replaces."""
    every = list(known_slices(node, index))
    replaced = {(one.log, one.slice.previous) for one in every}
    claims = trusted_claims(node, index)
    for known in every:
        if (known.log, known.digest) not in replaced:
            yield _copies(node, index, known, claims)


def _copies(node: Node, index: Index, known: KnownSlice, claims: Iterable[KnownClaim]) -> Copies:
    try:
        members = members_of(node, index, known)
    except NodeError:
        return Copies(known, (), (), None, 0)
    others = (claim for claim in claims if claim.log != OWN_LOG)
    holdings = [_own_holding(node, members), *(h for _, h in holdings_of(node, others, known, members))]
    least, worst = fewest_copies(members, holdings)
    complete = tuple(one.who for one in holdings if members and not one.missing)
    partial = tuple(one.who for one in holdings if one.missing and one.count)
    return Copies(known, complete, partial, least, worst)


def _own_holding(node: Node, members: MemberList) -> Holding:
    """What is here, by looking, not by what was once claimed."""
    lacking = [place for place, one in enumerate(members) if not node.store.contains(one)]
    return Holding(node.log_key.name, members, decode_places(encode_places(lacking), len(members)))
