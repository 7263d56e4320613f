"""A staged file on its way into an object store, hashed once more as it leaves.

The staged copy lies on a disk of ours for a while. Should its bytes change there, the upload is broken off
before its last piece, and an object store shows nothing of an upload that was not ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hashstore.blobstore import Sealed
from hashstore.errors import CorruptBlob

if TYPE_CHECKING:
    from obstore.store import ObjectStore

PART: Final = 8 << 20  # bytes; S3 takes no less than 5 MiB for a part
_PARTS: Final = 9000  # S3 takes no more than 10,000
_AT_ONCE: Final = 4
_STEP: Final = 1 << 20


def upload(store: ObjectStore, key: str, sealed: Sealed, path: Path) -> None:
    """Put a staged file under a key; it is there whole or not at all.

    Memory: 8 MiB at most for a small file, and some parts of 8 MiB for one that is larger, however large.

    Raises:
        CorruptBlob: The staged bytes have changed since they were sealed.
        OSError: They cannot be read, or obstore raised a built-in error.
        obstore.exceptions.BaseError: The store refused.
    """
    import obstore

    if sealed.size <= PART:
        (data,) = _checked(sealed, path, PART) if sealed.size else (b"",)
        obstore.put(store, key, data, use_multipart=False)
        return
    part = max(PART, -(-sealed.size // _PARTS))
    obstore.put(store, key, _checked(sealed, path, _STEP), chunk_size=part, max_concurrency=_AT_ONCE)


def _checked(sealed: Sealed, path: Path, step: int) -> Iterator[bytes]:
    """The pieces of a file, the last only when all of them have proved right."""
    state = hashlib.sha256()
    held: bytes | None = None
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(step):
            if held is not None:
                yield held
            state.update(chunk)
            held = chunk
    if held is None or state.digest() != sealed.digest.raw:
        raise CorruptBlob(sealed.digest, f"the staged copy {path}", "its bytes have changed")
    yield held
