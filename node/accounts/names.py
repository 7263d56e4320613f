"""Which names and passwords an account may have. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from node.accounts.errors import AccountRefused

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
_LONGEST_SHOWN: Final = 100
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 256
_LEAST_DIFFERENT: Final = 5


def read_name(text: str) -> str:
    """The name by which somebody signs in, as it is kept.

    Raises:
        AccountRefused: it is none.
    """
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise AccountRefused(
            f"{text!r} is no name to sign in with: 1 to 63 of a-z, 0-9, '.', '_' and '-', "
            "a letter or digit first; no mail address."
        )
    return name


def read_shown(text: str) -> str:
    """A person's name as others see it.

    Raises:
        AccountRefused: it is empty, too long, or no text on one line.
    """
    shown = unicodedata.normalize("NFC", text.strip())
    if not (shown and shown.isprintable() and len(shown) <= _LONGEST_SHOWN):
        raise AccountRefused(
            f"The name that others see is text on one line, 1 to {_LONGEST_SHOWN} characters."
        )
    return shown


def read_password(text: str, name: str) -> str:
    """A new password, as it is hashed.

    Args:
        text: What was typed.
        name: Whose it is to be.

    Raises:
        AccountRefused: it is too short, too long or too easily guessed.
    """
    password = same_password(text)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccountRefused(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters; "
            "several words are a good one."
        )
    if len(set(password)) < _LEAST_DIFFERENT:
        raise AccountRefused(f"A password has at least {_LEAST_DIFFERENT} different characters.")
    if password.casefold().replace(name, "") == "" or password.casefold() == name:
        raise AccountRefused("A password is something else than the name.")
    return password


def same_password(text: str) -> str:
    """A typed password, whatever the keyboard composed it of (RFC 8265, section 4.2: NFC)."""
    return unicodedata.normalize("NFC", text)
