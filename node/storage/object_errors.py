"""What an object store says, in words that a curator can act upon."""

from __future__ import annotations

import re
from typing import Final

from hashstore.errors import StoreFull, StoreUnusable

_FULL: Final = re.compile(
    r"\b507\b|InsufficientStorage|QuotaExceeded|EntityTooLarge|No space left|XMinioStorageFull"
)
_SECRET: Final = re.compile(r"(?i)((?:signature|credential|token|secret|key)[\w-]*=)[^&\s,]+")
_LONGEST: Final = 300  # characters of a foreign message; some carry a page of HTML


def translated(error: Exception, doing: str) -> StoreUnusable:
    """The error that tells what to do, for one of obstore's.

    Args:
        error: What obstore raised: one of its own, or the built-in one that it takes for the same.
        doing: What was being done and where, as in "listing s3://bucket".
    """
    said = _SECRET.sub(r"\1...", str(error).partition("\n\nDebug source")[0])
    said = " ".join(said.split())[:_LONGEST]
    if _FULL.search(said):
        return StoreFull(f"no room is left while {doing} ({said}). Free some space or raise the quota there.")
    kind = type(error).__name__
    if kind in ("PermissionDeniedError", "UnauthenticatedError", "PermissionError"):
        return StoreUnusable(
            f"access was refused while {doing} ({said}). Give credentials that may read, write, list and "
            "delete there by the provider's own environment variables, such as AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY."
        )
    return StoreUnusable(
        f"{said or kind} while {doing}. Look at the address, the network and the bucket, then try again."
    )
