"""The beginnings of hex digests by which people and commands name blobs."""

from __future__ import annotations

import re

from hashstore.errors import MalformedDigest

_PREFIX = re.compile(r"[0-9a-f]{0,64}")


def checked_prefix(text: str) -> str:
    """The prefix in lower case.

    Raises:
        MalformedDigest: If it is not 0 to 64 hex digits.
    """
    prefix = text.lower()
    if not _PREFIX.fullmatch(prefix):
        raise MalformedDigest(text, "a prefix is up to 64 hex digits")
    return prefix
