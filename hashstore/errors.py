"""Everything that can go wrong with bytes, digests and proofs; one root, `HashstoreError`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashstore.digest import Digest


class HashstoreError(Exception):
    """The root of all errors of this package."""


class MalformedDigest(HashstoreError, ValueError):
    """A text is not a SHA-256 digest in any form that we read."""

    def __init__(self, text: str, reason: str) -> None:
        shown = text if len(text) <= 100 else f"{text[:97]}..."
        super().__init__(
            f"{shown!r} is not a SHA-256 digest: {reason}. Give 64 hex digits, hash://sha256/<hex>, "
            "ni:///sha-256;<base64url>, a CIDv1 of raw bytes, or a sha2-256 multihash."
        )
        self.text = text
        self.reason = reason


class MalformedJson(HashstoreError, ValueError):
    """A document is not JSON that has exactly one canonical form."""


class InvalidProof(HashstoreError, ValueError):
    """A Merkle path does not lead from what it was given to the root that it claims."""


class BlobNotFound(HashstoreError, LookupError):
    """The store holds no blob of this digest."""

    def __init__(self, digest: Digest, where: str = "this store") -> None:
        super().__init__(f"{digest} is not in {where}")
        self.digest = digest
        self.where = where


class CorruptBlob(HashstoreError):
    """Stored bytes do not hash to the digest that names them."""

    def __init__(self, digest: Digest, where: str, detail: str = "its bytes hash to something else") -> None:
        super().__init__(
            f"{where} is damaged: it should hold {digest}, but {detail}. "
            "Remove it and add the original again, or fetch it from a peer."
        )
        self.digest = digest
        self.where = where


class StagingClosed(HashstoreError):
    """A staging was written to or sealed after it had been sealed or discarded."""


class UnreadableSource(HashstoreError):
    """A file to be added could not be read; others may still land."""


class StoreUnusable(HashstoreError):
    """The store could not be read or written: permissions, a missing disk, an I/O error."""


class StoreFull(StoreUnusable):
    """No space (or quota) is left for another blob."""
