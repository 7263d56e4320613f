"""Random tokens: what a browser or program holds, and what is kept of it here."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from typing import Final

_BYTES: Final = 32
# So that scanners of published code and of logs know it for what it is.
TOKEN_PREFIX: Final = "vasculum_"


def new_secret() -> str:
    """256 random bits, as text that fits into a header field and an address."""
    return secrets.token_urlsafe(_BYTES)


def new_token() -> str:
    """A secret for a program."""
    return TOKEN_PREFIX + new_secret()


def kept_of(secret: str) -> str:
    """What is kept of a secret; nobody guesses 256 bits, so a plain SHA-256 gives nothing away."""
    return sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def form_token(secret: str) -> str:
    """What the forms of a session carry: only who was shown a form by this node knows it.

    It is derived from the session's secret and does not tell it, so that a page that leaks signs nobody in.
    """
    return hmac.new(secret.encode("utf-8", "surrogateescape"), b"vasculum form", sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    """Whether a form carries what belongs to a session; compared in constant time."""
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "surrogateescape"))
