"""Bring a slice here as its mode asks, give up what a cache must, and claim what is held."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound
from manifests.holdings import encode_places
from manifests.members import MemberList
from node.compose import Node
from node.errors import SliceError
from node.index import OWN_LOG, Index
from node.peers.bring import Outcome
from node.publish import publish, staged
from node.slices.bringing import Fetch
from node.slices.claims import holdings_of, own_claim, trusted_claims
from node.slices.eviction import Held, choose_evictions
from node.slices.known import KnownSlice, members_of, slice_at
from node.slices.store import Mirror, Mode, SliceStore
from provenance.statement import new_statement_id
from provenance.statement.kinds import ReplicaClaim

_BATCH = 2_000
_FEW = 64
_SIZES = "SELECT digest, max(size) AS size FROM capture WHERE digest IN (SELECT unnest(?)) GROUP BY digest"
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


def add_mirror(node: Node, index: Index, known: KnownSlice, mode: Mode, quota: int | None) -> Mirror:
    """Want a slice here.

    Raises:
        SliceError: its members cannot be told, or all of them are wanted and do not fit into the quota.
    """
    members = members_of(node, index, known)
    mirror = Mirror(known.digest, mode, quota, datetime.now(UTC).isoformat(timespec="seconds"))
    if mode is Mode.MIRROR:
        _check_quota(known, sum(sizes_of(node, index, members).values()), quota)
    if mode is Mode.CACHE and quota is None:
        raise SliceError("A cache needs a quota: how many bytes may it take? For instance --quota 2TB")
    SliceStore(node.layout.slices).add(mirror)
    return mirror


def run_mirror(node: Node, known: KnownSlice, mirror: Mirror, fetch: Fetch) -> Run:
    """Bring what a mirror asks for and is not here, then claim what is held, if that has changed.

    Args:
        node: The node; the caller does not hold its writer lock, which is taken only to sign.
        known: The slice.
        mirror: What is wanted of it.
        fetch: Where bytes come from.

    Raises:
        SliceError: its members cannot be told, or do not fit into the quota.
    """
    run = Run(known, mirror.mode)
    with node.index() as index:
        members = members_of(node, index, known)
        sizes = sizes_of(node, index, members)
        hidden = among(index, HIDDEN, members)
    _keep_list(node, known, members)
    run.members, run.hidden = len(members), len(hidden)
    wanted = [one for one in members if one not in hidden and not node.store.contains(one)]
    if mirror.mode is Mode.MIRROR:
        _check_quota(known, sum(sizes.values()), mirror.quota)
        _bring(node, run, wanted, fetch)
    elif mirror.mode is Mode.CACHE:
        _run_cache(node, run, mirror, members, wanted, fetch, sizes)
    claim_held(node, run, members, hidden)
    return run


def sizes_of(node: Node, index: Index, members: Iterable[Digest]) -> dict[Digest, int]:
    """Bytes of each member: of what is here as it is, of the rest as the logs say; 0 where nobody knows."""
    sizes: dict[Digest, int] = {}
    waiting = iter(members)
    while batch := list(islice(waiting, _BATCH)):
        told = {row["digest"]: row["size"] for row in index.rows(_SIZES, [[one.raw for one in batch]])}
        for digest in batch:
            try:
                sizes[digest] = node.store.size(digest)
            except BlobNotFound:
                sizes[digest] = max(int(told.get(digest.raw) or 0), 0)
    return sizes


def _run_cache(
    node: Node, run: Run, mirror: Mirror, members: MemberList, wanted: Iterable[Digest], fetch: Fetch,
    sizes: Mapping[Digest, int],
) -> None:  # fmt: skip
    """Evict down to the quota, then fill what room there is; nothing is given up to make room for a fetch."""
    assert mirror.quota is not None
    store = SliceStore(node.layout.slices)
    taken = evict(node, run, mirror, members, store)
    for batch in _fitting(wanted, sizes, mirror.quota - taken):
        came = _bring(node, run, batch, fetch)
        held = [Held(digest, node.store.size(digest), time.time_ns()) for digest in came]
        store.note_cached(mirror.slice, held)
        taken += sum(one.size for one in held)
        if taken >= mirror.quota:
            break
    run.over = max(run.over, taken - mirror.quota)


def _fitting(missing: Iterable[Digest], sizes: Mapping[Digest, int], room: int) -> Iterator[list[Digest]]:
    """Members that fit by what the logs say of their sizes, a few at a time: what they say may be wrong."""
    batch: list[Digest] = []
    for digest in missing:
        if sizes[digest] <= room:
            room -= sizes[digest]
            batch.append(digest)
        if len(batch) == _FEW:
            yield batch
            batch = []
    if batch:
        yield batch


def evict(node: Node, run: Run, mirror: Mirror, members: MemberList, store: SliceStore) -> int:
    """Give up what is over a cache's quota; the claim says so before the bytes go.

    Only what the cache itself brought can go, and only if a followed log claims to hold it, and this node
    neither captured it nor mirrors it otherwise.

    Returns:
        The bytes that stay.
    """
    assert mirror.quota is not None
    cached = [one for one in store.cached(mirror.slice) if node.store.contains(one.digest)]
    taken = sum(one.size for one in cached)
    if taken <= mirror.quota:
        return taken
    with node.index() as index:
        own = among(index, CAPTURED, members)
        others = [known for known in trusted_claims(node, index) if known.log != OWN_LOG]
        holdings = [holding for _, holding in holdings_of(node, others, run.slice, members)]
        kept = _wanted_by_mirrors(node, index, store)
        hidden = among(index, HIDDEN, members)
    found = choose_evictions(
        cached,
        mirror.quota,
        lambda one: one not in own and one not in kept and any(holding.holds(one) for holding in holdings),
    )
    going = frozenset(one.digest for one in found.evicted)
    if going and not _crawl_under_way(node):
        claim_held(node, run, members, hidden | going)
        with node.writing():
            for digest in sorted(store.forget(mirror.slice, going)):
                node.store.remove(digest)
        run.evicted, taken = len(going), found.bytes
    run.over = max(taken - mirror.quota, 0)
    return taken


def _crawl_under_way(node: Node) -> bool:
    """Whether a crawl has captured what is not in the log yet: it may count on bytes that are here."""
    with node.writing() as journal:
        return next(iter(journal.unfinished()), None) is not None


def _wanted_by_mirrors(node: Node, index: Index, store: SliceStore) -> frozenset[Digest]:
    """Members of slices that are wanted here whole."""
    return frozenset(
        digest
        for mirror in store.mirrors()
        if mirror.mode is Mode.MIRROR
        for digest in members_of(node, index, slice_at(node, index, mirror.slice))
    )


def _bring(node: Node, run: Run, wanted: Iterable[Digest], fetch: Fetch) -> list[Digest]:
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


def _check_quota(known: KnownSlice, needed: int, quota: int | None) -> None:
    if quota is not None and needed > quota:
        raise SliceError(
            f"The {known.slice.count:,} images of {known.slice.name!r} take {needed:,} bytes, and the quota "
            f"is {quota:,}. Raise it, choose fewer images, or keep as many as fit with --mode cache."
        )


def among(index: Index, query: str, members: Iterable[Digest]) -> frozenset[Digest]:
    """Those of some digests that a query finds, asked a batch at a time."""
    found: set[Digest] = set()
    waiting = iter(members)
    while batch := list(islice(waiting, _BATCH)):
        found.update(Digest(row["digest"]) for row in index.rows(query, [[one.raw for one in batch]]))
    return frozenset(found)


def _keep_list(node: Node, known: KnownSlice, members: MemberList) -> None:
    """A list that was resolved here is kept under its digest, for others to have."""
    from hashstore.blobstore import add_bytes

    if Digest.of(members.data) == known.slice.members and not node.store.contains(known.slice.members):
        add_bytes(node.store, members.data)
