"""The secret behind a node's commitments: made once, kept beside its keys, and part of every backup."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from manifests.commitment import SALT_BYTES
from node.disclosure.generalise import Secret
from node.errors import NodeError


def load_or_make_secret(path: Path) -> Secret:
    """Read the secret, or make one where there is none yet.

    Raises:
        NodeError: it cannot be read or written, or is cut short. Another secret would make other commitments,
            and what was committed to with the lost one could never be proved.
    """
    try:
        if not path.exists():
            _make(path)
        raw = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise NodeError(f"The secret behind commitments, {path}, cannot be used: {error}") from error
    if len(raw) != SALT_BYTES:
        raise NodeError(f"The secret behind commitments, {path}, is cut short; restore it from a backup.")
    return Secret(raw)


def _make(path: Path) -> None:
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SALT_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
