"""Salted commitments: saying now what can be proved later, and nothing else (spec/disclosure.md).

A plain hash of a coordinate is found by trying all coordinates. With 32 random bytes before it nobody can
try, and whoever is given the salt and the value can check that nothing else was committed to.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from hashstore.canonical import Json, canonical_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError

SALT_BYTES: Final = 32
_CONTEXT: Final = b"vasculum/commitment/v1\n"
_SALTS: Final = b"vasculum/commitment-salt/v1\n"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a chosen reader is given.

    Attributes:
        value: what was committed to, as JSON without fractions.
        salt: 32 bytes.
    """

    value: Json
    salt: bytes


def commit(value: Json, salt: bytes) -> Digest:
    """SHA-256 of a fixed line, the salt and the value's canonical form (RFC 8785).

    Args:
        value: JSON without fractions; decimals travel as strings.
        salt: 32 bytes that nobody else knows, and that serve for this value alone.

    Raises:
        ManifestError: the salt has another length, or the value no canonical form.
    """
    if len(salt) != SALT_BYTES:
        raise ManifestError(f"the salt of a commitment has {SALT_BYTES} bytes; this one has {len(salt)}")
    try:
        return Digest.of(_CONTEXT + salt + canonical_json(value))
    except HashstoreError as error:
        raise ManifestError(f"nothing can be committed to that has no canonical form: {error}") from error


def opens(commitment: Digest, opening: Opening) -> bool:
    """Whether this value and this salt are what was committed to."""
    try:
        return hmac.compare_digest(commit(opening.value, opening.salt).raw, commitment.raw)
    except ManifestError:
        return False


def salt_of(secret: bytes, subject: Json) -> bytes:
    """The salt for one subject: the same again for who has the secret, random to everyone else.

    A random salt would have to be kept beside each value, and a row that has not changed would seem to have.

    Args:
        secret: at least 32 random bytes that never leave the node.
        subject: what tells this commitment from every other, the value included: two subjects never share
            a salt, so that equal values cannot be recognised by equal commitments.

    Raises:
        ManifestError: the secret is too short.
    """
    if len(secret) < SALT_BYTES:
        raise ManifestError(f"the secret behind salts has at least {SALT_BYTES} bytes, not {len(secret)}")
    return hmac.digest(secret, _SALTS + canonical_json(subject), hashlib.sha256)
