"""What every blob store does. Bytes are hashed on the way in and on the way out; nobody's word is taken.

A blob lands in two steps: it is staged (written somewhere out of sight while it is hashed), then committed,
many at a time, because making a batch durable costs about as much as making one blob durable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, Protocol, Self, TypeAlias

from hashstore.digest import Digest

Chunk: TypeAlias = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bytes that are staged whole, but not yet in the store.

    Attributes:
        digest: Of the bytes as they were written.
        size: How many bytes.
        token: What the store needs to find them again; opaque to everyone else.
    """

    digest: Digest
    size: int
    token: object


class Staging(Protocol):
    """One blob on its way in. Leaving its `with` block unsealed discards it."""

    def write(self, chunk: Chunk) -> None:
        """Take the next bytes.

        Raises:
            StoreFull: If there is no room for them; the staging is then discarded.
            StagingClosed: If it has been sealed or discarded.
        """

    def seal(self) -> Sealed:
        """End the blob. It is not in the store, nor durable, until it is committed.

        Raises:
            StagingClosed: If it has been sealed or discarded.
        """

    def discard(self) -> None:
        """Forget the bytes. Does nothing after `seal` or another `discard`."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BlobStore(Protocol):
    """Bytes by digest. Safe to use from several threads."""

    def stage(self) -> Staging:
        """Begin a blob of yet unknown digest."""

    def commit(self, sealed: Iterable[Sealed]) -> None:
        """Put blobs into the store together; all are durable when this returns.

        A blob that is there already stays as it is. If this raises, none was acknowledged: some may have
        landed whole, the others are discarded, and adding all of them again is safe.

        Raises:
            StoreFull: If there is no room.
            StoreUnusable: If the store could not be written.
        """

    def discard(self, sealed: Iterable[Sealed]) -> None:
        """Forget sealed blobs that are not to be committed. Those that were committed stay."""

    def contains(self, digest: Digest) -> bool:
        """Whether a blob of this digest is there (its bytes are not checked)."""

    def size(self, digest: Digest) -> int:
        """How many bytes the blob has.

        Raises:
            BlobNotFound: If it is not there.
        """

    def open(self, digest: Digest) -> BinaryIO:
        """Read a blob from start to end; the last bytes come only when all of them have proved right.

        Returns:
            A reader that cannot seek (a seek would skip the proof). Close it, or use it in a `with` block.

        Raises:
            BlobNotFound: If it is not there.
            CorruptBlob: Out of the reader, when it reaches the end of bytes that do not have this digest.
        """

    def read(self, digest: Digest) -> bytes:
        """The whole blob, verified.

        Raises:
            BlobNotFound: If it is not there.
            CorruptBlob: If its bytes do not have this digest.
        """

    def digests(self) -> Iterator[Digest]:
        """Every digest, in ascending order."""

    def with_prefix(self, hex_prefix: str) -> Iterator[Digest]:
        """Every digest whose hex begins so (either case; empty for all), in ascending order.

        Raises:
            MalformedDigest: If the prefix is not up to 64 hex digits.
        """

    def remove(self, digest: Digest) -> None:
        """Take a blob out; durable when this returns.

        Raises:
            BlobNotFound: If it is not there.
        """
