"""Passwords, hashed by Argon2id (RFC 9106)."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Final

from node.accounts.names import LONGEST_PASSWORD, same_password

if TYPE_CHECKING:
    from argon2 import PasswordHasher

# Each hash takes 64 MiB while it is made: a crowd at the door must not take all memory.
_AT_ONCE: Final = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """What is kept of a password, with its salt and costs."""
    with _AT_ONCE:
        return _hasher().hash(same_password(password))


def is_password(kept: str | None, typed: str) -> bool:
    """Whether a typed password is the one that was hashed.

    Args:
        kept: What `hashed` gave; None where there is no account or it has no password. It takes as long then,
            so that nobody learns which names there are.
        typed: What came.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(typed) > 4 * LONGEST_PASSWORD:
        return False
    with _AT_ONCE:
        try:
            right = _hasher().verify(kept or _nobody(), same_password(typed))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a password was hashed with lower costs than are used now."""
    return _hasher().check_needs_rehash(kept)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobody() -> str:
    """The hash of a password that nobody has."""
    import secrets

    return _hasher().hash(secrets.token_urlsafe())
