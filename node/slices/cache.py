"""A cache of a slice: what it gives up when its quota is passed, and what it takes in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping

from hashstore.digest import Digest
from manifests.members import MemberList
from node.compose import Node
from node.index import OWN_LOG, Index
from node.slices.bringing import Fetch
from node.slices.claims import holdings_of, trusted_claims
from node.slices.eviction import Held, choose_evictions
from node.slices.known import members_of, slice_at
from node.slices.run import CAPTURED, HIDDEN, Run, among, bring, claim_held
from node.slices.store import Mirror, Mode, SliceStore

_FEW = 64


def run_cache(
    node: Node, run: Run, mirror: Mirror, members: MemberList, wanted: Iterable[Digest], fetch: Fetch,
    sizes: Mapping[Digest, int],
) -> None:  # fmt: skip
    """Evict down to the quota, then fill what room there is; nothing is given up to make room for a fetch."""
    assert mirror.quota is not None
    store = SliceStore(node.layout.slices)
    taken = evict(node, run, mirror, members, store)
    for batch in _fitting(wanted, sizes, mirror.quota - taken):
        came = bring(node, run, batch, fetch)
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
