"""The token of those who may submit jobs over HTTP, until there are accounts: a file for the node alone."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from node.errors import JobError

_BYTES = 32
_SCHEME = "bearer "


def load_or_make_token(path: Path) -> str:
    """The token; it is made when it is first needed. Remove the file, and serve anew, for another.

    Raises:
        JobError: it cannot be read or written.
    """
    if not path.exists():
        try:
            _make(path)
        except OSError as error:
            raise JobError(f"The token {path} cannot be written: {error.strerror}.") from error
    return _read(path)


def is_authorised(path: Path, header: str | None) -> bool:
    """Whether an `Authorization` field carries the token (RFC 6750); compared in constant time.

    Args:
        path: The token's file; without it nobody is authorised.
        header: The field, or None.
    """
    if header is None or not header.lower().startswith(_SCHEME):
        return False
    try:
        token = _read(path)
    except JobError:
        return False
    given = header[len(_SCHEME) :].strip()
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), token.encode())


def _make(path: Path) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_BYTES) + "\n")
    os.replace(temporary, path)


def _read(path: Path) -> str:
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"The token {path} cannot be read: {error}") from error
    if len(token) < _BYTES:
        raise JobError(f"The token {path} is too short. Remove it: `vasculum serve` makes another.")
    return token
