"""The archive tier: listed at the price of a few requests, or read to the last byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hashstore.digest import Digest
from hashstore.errors import CorruptBlob, HashstoreError, StoreUnusable
from node.storage import Place, TieredBlobStore
from node.verify.fault import NodeFault

_STEP = 1 << 20


def verify_archive(
    store: TieredBlobStore, expected: Iterable[Digest], *, deep: bool, progress: Callable[[int], None]
) -> Iterator[NodeFault]:
    """Find what does not belong into the archive, what is missing in both tiers, and, if deep, what is bad.

    Nothing is recalled.

    Args:
        store: Both tiers.
        expected: Digests that must be in one of them.
        deep: Whether every archived blob is read and hashed, which an object store may charge for.
        progress: Called with each number of bytes hashed.
    """
    archived: set[Digest] = set()
    try:
        for place in store.archive.places():
            if place.digest is None:
                yield NodeFault("store", "foreign", place.where, f"{place.where} is no blob of this node")
                continue
            archived.add(place.digest)
            if deep:
                yield from _read_back(store, place, place.digest, progress)
    except StoreUnusable as error:
        message = f"What lies in the archive cannot be judged: {error}"
        yield NodeFault("store", "missing", "the archive", message)
        return
    for digest in expected:
        if digest not in archived and not store.active.contains(digest):
            message = f"{digest} is missing in both tiers; fetch it from a peer, or track its source again"
            yield NodeFault("store", "missing", _relative(store, digest), message, digest)


def _read_back(
    store: TieredBlobStore, place: Place, digest: Digest, progress: Callable[[int], None]
) -> Iterator[NodeFault]:
    try:
        with store.archive.open(digest) as reader:
            while chunk := reader.read(_STEP):
                progress(len(chunk))
    except CorruptBlob as error:
        yield NodeFault("store", "bad", place.where, str(error), digest)
    except HashstoreError as error:
        yield NodeFault("store", "bad", place.where, f"{place.where} could not be read: {error}", digest)


def _relative(store: TieredBlobStore, digest: Digest) -> str:
    """Where it would lie, from the node's folder on."""
    return str(store.active.path(digest).relative_to(store.active.root.parent))
