"""Who holds what: this node, and those who claim to; and how many copies each slice has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from hashstore.digest import Digest
from manifests.holdings import Holding, decode_places, encode_places, fewest_copies
from manifests.members import MemberList
from node.compose import Node
from node.errors import NodeError
from node.index import OWN_LOG, Index
from node.slices.claims import KnownClaim, holdings_of, trusted_claims
from node.slices.known import KnownSlice, known_slices, members_of, slice_at
from node.slices.replicate import HIDDEN, among

if TYPE_CHECKING:
    from pyroaring import BitMap

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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim of another log, ready to be asked.

    Attributes:
        known: The claim.
        holding: What it says, place by place.
        urls: Where the claimant can be asked.
    """

    known: KnownClaim
    holding: Holding
    urls: tuple[str, ...]


def claims_in_force(node: Node, index: Index) -> tuple[Claimed, ...]:
    """The claims of other logs that can be counted on, and can be read here."""
    urls = _urls(node)
    return tuple(
        Claimed(known, holding, urls.get(known.origin, ()))
        for known, holding in _all_holdings(node, index)
        if known.log != OWN_LOG
    )


def claimed_by(digest: Digest, claims: Iterable[Claimed]) -> list[Holder]:
    """Who claims to hold a blob."""
    return [
        Holder(one.known.origin, How.CLAIMED, one.urls, one.known.digest, one.known.claim.slice)
        for one in claims
        if one.holding.holds(digest)
    ]


def locate(node: Node, index: Index, digests: Iterable[Digest]) -> dict[Digest, list[Holder]]:
    """Who holds some blobs: this node first, then claims, then logs that captured them.

    It is the operator's answer: what this node withholds is told of like all else.
    """
    claims, urls, origins = claims_in_force(node, index), _urls(node), index.origins()
    found: dict[Digest, list[Holder]] = {}
    for digest in digests:
        own = [Holder(node.log_key.name, How.HELD)] if node.store.contains(digest) else []
        found[digest] = own + claimed_by(digest, claims)
    for row in index.rows(_CAPTURED_BY, [[digest.raw for digest in found]]):
        origin = str(origins[row["log"]])
        found[Digest(row["digest"])].append(Holder(origin, How.CAPTURED, urls.get(origin, ())))
    return found


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
    """How often a slice is held; members that were withdrawn, or are withheld here, are not counted.

    Attributes:
        slice: The slice.
        complete: The logs that claim all of it, this node's own store included.
        partial: Those that claim a part.
        least: Copies of the member that has the fewest; None if the members cannot be told here.
        worst: How many members have so few.
        hidden: How many members are not counted.
    """

    slice: KnownSlice
    complete: tuple[str, ...]
    partial: tuple[str, ...]
    least: int | None
    worst: int
    hidden: int

    def short_of(self, wanted: int) -> bool:
        """Whether a member has fewer copies than are wanted; of a slice without members none has."""
        return self.least is None or (self.slice.slice.count > self.hidden and self.least < wanted)


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
        return Copies(known, (), (), None, 0, 0)
    others = (claim for claim in claims if claim.log != OWN_LOG)
    holdings = [_own_holding(node, members), *(h for _, h in holdings_of(node, others, known, members))]
    hidden = _places(members, among(index, HIDDEN, members))
    least, worst = fewest_copies(members, holdings, hidden)
    complete = tuple(one.who for one in holdings if members and not one.missing - hidden)
    partial = tuple(one.who for one in holdings if one.missing - hidden and one.count)
    return Copies(known, complete, partial, least, worst, len(hidden))


def _own_holding(node: Node, members: MemberList) -> Holding:
    """What is here, by looking, not by what was once claimed."""
    lacking = [one for one in members if not node.store.contains(one)]
    return Holding(node.log_key.name, members, _places(members, lacking))


def _places(members: MemberList, digests: Iterable[Digest]) -> BitMap:
    places = [place for one in digests if (place := members.place(one)) is not None]
    return decode_places(encode_places(places), len(members))


_WITHDRAWN = """
SELECT digest FROM capture WHERE digest IN (SELECT unnest(?)) GROUP BY digest
HAVING bool_and(access <> 'public') AND bool_or(access = 'withdrawn')
"""


def withdrawn_members(node: Node, index: Index, known: KnownSlice) -> int | None:
    """How many members of a slice were withdrawn here since; None if its members cannot be told here."""
    try:
        return len(among(index, _WITHDRAWN, members_of(node, index, known)))
    except NodeError:
        return None
