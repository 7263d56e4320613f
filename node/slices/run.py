"""One run over one mirror: what was brought, what is held, and the claim that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.holdings import encode_places
from manifests.members import MemberList
from node.compose import Node
from node.index import Index
from node.peers.bring import Outcome
from node.publish import publish, staged
from node.slices.bringing import Fetch
from node.slices.claims import own_claim
from node.slices.known import KnownSlice
from node.slices.store import Mode
from provenance.statement import new_statement_id
from provenance.statement.kinds import ReplicaClaim

_BATCH = 2_000
# What this node withholds, and what was withdrawn here: neither is fetched, shown or claimed.
HIDDEN = """
SELECT digest FROM capture WHERE digest IN (SELECT unnest(?)) GROUP BY digest
HAVING bool_or(log = 0 AND access = 'withheld') OR bool_and(access <> 'public')
"""
CAPTURED = "SELECT DISTINCT digest FROM own_capture WHERE digest IN (SELECT unnest(?))"


@dataclass(slots=True)
class Run:
    """What came of one run over one mirror.

    Attributes:
        slice: The slice.
        mode: How much of it is wanted.
        members: How many there are.
        held: How many are here now, and may be shown.
        hidden: How many were withdrawn, or are withheld here.
        fetched: How many came in this run.
        evicted: How many a cache gave up.
        unavailable: Members that nobody had, with what became of them.
        over: Bytes by which a cache is over its quota, since nobody else is known to hold the rest.
        claim: The claim that was signed; None if nothing changed.
    """

    slice: KnownSlice
    mode: Mode
    members: int = 0
    held: int = 0
    hidden: int = 0
    fetched: int = 0
    evicted: int = 0
    unavailable: list[tuple[Digest, Outcome]] = field(default_factory=list)
    over: int = 0
    claim: Digest | None = None

    @property
    def complete(self) -> bool:
        """Whether there is all that the mode asks for."""
        return self.mode is not Mode.MIRROR or self.held + self.hidden == self.members


def bring(node: Node, run: Run, wanted: Iterable[Digest], fetch: Fetch) -> list[Digest]:
    """Fetch in batches; returns what came."""
    came, waiting = [], iter(wanted)
    while batch := list(islice(waiting, _BATCH)):
        for digest, outcome in fetch(batch):
            if outcome is Outcome.FETCHED:
                came.append(digest)
            elif outcome is not Outcome.HERE:
                run.unavailable.append((digest, outcome))
    run.fetched += len(came)
    return came


def claim_held(node: Node, run: Run, members: MemberList, hidden: frozenset[Digest]) -> None:
    """Sign what is held, unless the newest claim says just that; nothing is claimed by who never held any."""
    lacking = [place for place, one in enumerate(members) if one in hidden or not node.store.contains(one)]
    run.held = len(members) - len(lacking)
    sealed: list[Sealed] = [staged(node, encode_places(lacking))] if lacking else []
    missing = sealed[0].digest if sealed else None
    claim = ReplicaClaim(
        id=new_statement_id(),
        agent=node.identity.public,
        slice=run.slice.digest,
        members_root=members.root,
        held=run.held,
        missing=missing,
        made=datetime.now(UTC).replace(microsecond=0),
    )
    with node.index() as index:
        before = own_claim(node, index, run.slice.digest)
    nothing_new = run.held == 0 if before is None else _same(before.claim, claim)
    if nothing_new:
        node.store.discard(sealed)
        return
    with node.writing():
        run.claim = publish(node, replace(claim, agent=node.identity.public).document(), sealed)


def _same(one: ReplicaClaim, other: ReplicaClaim) -> bool:
    return (one.members_root, one.held, one.missing) == (other.members_root, other.held, other.missing)


def among(index: Index, query: str, members: Iterable[Digest]) -> frozenset[Digest]:
    """Those of some digests that a query finds, asked a batch at a time."""
    found: set[Digest] = set()
    waiting = iter(members)
    while batch := list(islice(waiting, _BATCH)):
        found.update(Digest(row["digest"]) for row in index.rows(query, [[one.raw for one in batch]]))
    return frozenset(found)
