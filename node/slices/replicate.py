"""Bring a slice here as its mode asks, give up what a cache must, and claim what is held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound
from manifests.members import MemberList
from node.compose import Node
from node.errors import SliceError
from node.index import Index
from node.slices.bringing import Fetch
from node.slices.cache import run_cache
from node.slices.known import KnownSlice, members_of
from node.slices.run import HIDDEN, Run, among, bring, claim_held
from node.slices.store import Mirror, Mode, SliceStore

_BATCH = 2_000
_SIZES = "SELECT digest, max(size) AS size FROM capture WHERE digest IN (SELECT unnest(?)) GROUP BY digest"


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
        bring(node, run, wanted, fetch)
    elif mirror.mode is Mode.CACHE:
        run_cache(node, run, mirror, members, wanted, fetch, sizes)
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


def _check_quota(known: KnownSlice, needed: int, quota: int | None) -> None:
    if quota is not None and needed > quota:
        raise SliceError(
            f"The {known.slice.count:,} images of {known.slice.name!r} take {needed:,} bytes, and the quota "
            f"is {quota:,}. Raise it, choose fewer images, or keep as many as fit with --mode cache."
        )


def _keep_list(node: Node, known: KnownSlice, members: MemberList) -> None:
    """A list that was resolved here is kept under its digest, for others to have."""
    if Digest.of(members.data) == known.slice.members and not node.store.contains(known.slice.members):
        add_bytes(node.store, members.data)
