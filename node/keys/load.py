"""Reading the node's private keys, with the passphrase where they have one."""

from __future__ import annotations

import os
from pathlib import Path

from provenance.errors import KeyMaterialError
from provenance.keys import SigningKey
from provenance.post_quantum import PostQuantumKey

PASSPHRASE_VARIABLE = "VASCULUM_PASSPHRASE"


def load_key(path: Path) -> SigningKey:
    """Load one of the node's private keys.

    Raises:
        KeyMaterialError: it cannot be used; the text says where a passphrase is looked for.
    """
    try:
        return SigningKey.load(path, passphrase())
    except KeyMaterialError as error:
        raise _explained(error) from error


def load_post_quantum_key(path: Path) -> PostQuantumKey:
    """Load the node's ML-DSA-44 key.

    Raises:
        KeyMaterialError: it cannot be used; the text says where a passphrase is looked for.
    """
    try:
        return PostQuantumKey.load(path, passphrase())
    except KeyMaterialError as error:
        raise _explained(error) from error


def passphrase() -> str | None:
    """The passphrase of the node's keys, from the environment; None if they have none."""
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def _explained(error: KeyMaterialError) -> KeyMaterialError:
    if "passphrase" not in str(error):
        return error
    return KeyMaterialError(f"{error} It is read from the environment variable {PASSPHRASE_VARIABLE}.")
