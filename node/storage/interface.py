"""What a node asks of its stores beyond the blob-store protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from hashstore.blobstore import BlobStore
from hashstore.digest import Digest


@dataclass(frozen=True, slots=True)
class Place:
    """Something that lies in an archive, as its list tells; its bytes are not looked at.

    Attributes:
        where: The address within the archive, for a curator.
        digest: Which blob it claims to be; None for what no blob store puts there.
        size: How many bytes.
    """

    where: str
    digest: Digest | None
    size: int


class Archive(BlobStore, Protocol):
    """A blob store that can tell cheaply what it holds: one request for many blobs."""

    @property
    def name(self) -> str:
        """The address, without anything secret, as `s3://bucket/prefix` or a folder."""

    def places(self) -> Iterator[Place]:
        """Everything that lies there, in the order of digests; what is foreign may come anywhere.

        Raises:
            StoreUnusable: If it cannot be listed.
        """
