"""The tier of two: an active store that is near, and an archive that is cheap.

What is added goes into the active tier. Reads fall through to the archive, and recall what they find there.
A blob leaves a tier only after it was read back and verified in the other (see `move`), so that a process
killed at any instant leaves it in at least one.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import BinaryIO, TypeAlias

from hashstore.blobstore import BlobStore, DirectoryBlobStore, Sealed, Staging
from hashstore.blobstore.prefix import checked_prefix
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, CorruptBlob, StoreUnusable
from node.storage.interface import Archive
from node.storage.recall import recalling_reader

_STEP = 1 << 20


class Tier(StrEnum):
    """Where a blob lies."""

    ACTIVE = "active"
    ARCHIVE = "archive"


class TieredBlobStore:
    """Two stores behind the one protocol."""

    def __init__(
        self, active: DirectoryBlobStore, opening: Callable[[], Archive], *, recall: bool = True
    ) -> None:
        """Joins two stores.

        Args:
            active: Takes what is added.
            opening: Opens the archive, which happens when it is first asked: most commands never do.
            recall: Whether a blob that was read out of the archive is kept in the active tier too.
        """
        self.active = active
        self._opening = opening
        self._recall = recall
        # A lock for each first byte of a digest: one blob is moved by one thread, many blobs by many.
        self._moving = tuple(threading.Lock() for _ in range(256))

    @cached_property
    def archive(self) -> Archive:
        """The archive tier.

        Raises:
            StoreUnusable: It cannot be opened.
        """
        return self._opening()

    def stage(self) -> Staging:
        return self.active.stage()

    def commit(self, sealed: Iterable[Sealed]) -> None:
        self.active.commit(sealed)

    def discard(self, sealed: Iterable[Sealed]) -> None:
        self.active.discard(sealed)

    def contains(self, digest: Digest) -> bool:
        return self.active.contains(digest) or self.archive.contains(digest)

    def size(self, digest: Digest) -> int:
        if self.active.contains(digest):
            return self.active.size(digest)
        return self.archive.size(digest)

    def open(self, digest: Digest) -> BinaryIO:
        try:
            return self.active.open(digest)
        except BlobNotFound:
            pass
        try:
            source = self.archive.open(digest)
        except BlobNotFound:
            return self.active.open(digest)  # recalled a moment ago, and moved here; or nowhere
        if not self._recall:
            return source
        return recalling_reader(source, _STEP, self.active)

    def read(self, digest: Digest) -> bytes:
        with self.open(digest) as reader:
            return reader.read()

    def digests(self) -> Iterator[Digest]:
        return self.with_prefix("")

    def with_prefix(self, hex_prefix: str) -> Iterator[Digest]:
        prefix = checked_prefix(hex_prefix)
        return _once(heapq.merge(self.active.with_prefix(prefix), self.archive.with_prefix(prefix)))

    def remove(self, digest: Digest) -> None:
        """Take a blob out of both tiers."""
        found = False
        for tier in (self.archive, self.active):
            if tier.contains(digest):
                tier.remove(digest)
                found = True
        if not found:
            raise BlobNotFound(digest, f"{self.active.root} and {self.archive.name}")

    def path(self, digest: Digest) -> Path:
        """The blob as a file. One that lies in the archive alone is recalled first, and verified.

        Raises:
            CorruptBlob: What the archive holds is damaged.
            StoreUnusable: The archive cannot be read, or the active tier not be written.
        """
        if not self.active.contains(digest) and self.archive.contains(digest):
            _copy(self.archive, self.active, digest)
        return self.active.path(digest)

    def sizes(self) -> Iterator[tuple[Digest, int]]:
        """Every digest once, with the size of its blob in bytes; one list of each tier."""
        active = ((digest, self.active.size(digest)) for digest in self.active.digests())
        archived = ((place.digest, place.size) for place in self.archive.places() if place.digest is not None)
        last = None
        for digest, size in heapq.merge(active, archived, key=lambda pair: pair[0]):
            if digest != last:
                yield digest, size
            last = digest

    def sweep(self) -> int:
        """Remove the temporaries that dead processes left in the active tier."""
        return self.active.sweep()

    def tiers(self, digest: Digest) -> tuple[Tier, ...]:
        """Where a blob lies now."""
        stores: tuple[tuple[Tier, BlobStore], ...] = (
            (Tier.ACTIVE, self.active),
            (Tier.ARCHIVE, self.archive),
        )
        return tuple(tier for tier, store in stores if store.contains(digest))

    def move(self, digest: Digest, to: Tier) -> bool:
        """Bring a blob into one tier, and take it out of the other once the first has proved to hold it.

        Two movers at once could each take away what the other relies on: hold the node's writer lock.

        Returns:
            Whether anything had to be done.

        Raises:
            BlobNotFound: It is in neither tier.
            CorruptBlob: The copy to be moved is damaged, or the other tier does not keep what it is given.
            StoreUnusable: A tier cannot be read or written.
        """
        here, there = (self.active, self.archive) if to is Tier.ACTIVE else (self.archive, self.active)
        with self._moving[digest.raw[0]]:
            if not there.contains(digest):
                if not here.contains(digest):
                    raise BlobNotFound(digest, f"{self.active.root} and {self.archive.name}")
                return False
            self._bring(there, here, digest)
            there.remove(digest)
            return True

    def _bring(self, source: BlobStore, target: BlobStore, digest: Digest) -> None:
        """See to it that `target` holds right bytes: read back, not only acknowledged."""
        if target.contains(digest):
            try:
                _prove(target, digest)
            except CorruptBlob:
                _prove(source, digest)  # a damaged copy goes only if there is a sound one
                target.remove(digest)
            else:
                return
        _copy(source, target, digest)
        _prove(target, digest)


NodeStore: TypeAlias = DirectoryBlobStore | TieredBlobStore
"""What a node keeps its blobs in; either gives a blob as a file, too."""


def sizes_of(store: NodeStore) -> Iterator[tuple[Digest, int]]:
    """Every digest of a node's store once, in ascending order, with the size of its blob in bytes."""
    if isinstance(store, TieredBlobStore):
        return store.sizes()
    return ((digest, store.size(digest)) for digest in store.digests())


def _copy(source: BlobStore, target: BlobStore, digest: Digest) -> None:
    with source.open(digest) as reader, target.stage() as staging:
        while chunk := reader.read(_STEP):
            staging.write(chunk)
        sealed = staging.seal()
    if sealed.digest != digest:  # the reader has proved them; this is what may be committed, all the same
        target.discard([sealed])
        raise StoreUnusable(f"{digest} changed on its way between the tiers. Look at this machine's memory.")
    target.commit([sealed])


def _prove(store: BlobStore, digest: Digest) -> None:
    with store.open(digest) as reader:
        while reader.read(_STEP):
            pass


def _once(digests: Iterator[Digest]) -> Iterator[Digest]:
    last = None
    for digest in digests:
        if digest != last:
            yield digest
        last = digest
