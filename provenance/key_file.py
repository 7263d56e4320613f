"""Key files: the public key on the first line, then PKCS #8 PEM (RFC 7468), readable by its owner only.

A bare PEM has no redundancy: one wrong bit makes another valid key, and the node would sign with it. The
first line, which PEM readers skip, makes every such change show: the did of an Ed25519 key, the digest of an
ML-DSA-44 key.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provenance.errors import KeyMaterialError
from provenance.keys import SigningKey
from provenance.post_quantum import PostQuantumKey

_MODE = 0o600
_LARGEST = 4096


def key_file_bytes(key: SigningKey | PostQuantumKey, passphrase: str | None = None) -> bytes:
    """The whole text of a key file; without a passphrase it is the same each time."""
    cipher: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        cipher = serialization.BestAvailableEncryption(passphrase.encode())
    pem = key.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, cipher)
    return f"{key.label}\n".encode() + pem


def write_key_file(path: Path, key: SigningKey | PostQuantumKey, passphrase: str | None = None) -> None:
    """Writes a key to a new file of mode 0600, durable when this returns.

    Raises:
        KeyMaterialError: the file exists (a key is never overwritten), cannot be written, or has an empty
            passphrase.
    """
    if passphrase == "":
        raise KeyMaterialError("An empty passphrase protects nothing: give one, or none at all.")
    data = key_file_bytes(key, passphrase)
    # Under a name of its own first: who dies halfway must leave no half key, on which `init` would trip.
    unfinished = path.with_name(path.name + ".new")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(unfinished, path)
        finally:
            unfinished.unlink()
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise KeyMaterialError(f"{path} exists already; a key file is never overwritten.") from error
    except OSError as error:
        raise KeyMaterialError(f"The key file {path} cannot be written: {error.strerror}.") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_key_file(path: Path, passphrase: str | None = None) -> SigningKey:
    """Reads the file of an Ed25519 key and checks that not one byte of it has changed.

    Raises:
        KeyMaterialError: it is missing, open to other users or damaged, or the passphrase does not fit.
    """
    data = _read(path)
    private = _parse(path, data, passphrase)
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyMaterialError(f"The key file {path} holds a key of another kind; Ed25519 is needed.")
    key = SigningKey(private.private_bytes_raw())
    _check_unchanged(path, data, key, passphrase)
    return key


def read_post_quantum_file(path: Path, passphrase: str | None = None) -> PostQuantumKey:
    """Reads the file of an ML-DSA-44 key and checks that not one byte of it has changed.

    Raises:
        KeyMaterialError: it is missing, open to other users or damaged, the passphrase does not fit, or this
            installation does not know the algorithm.
    """
    data = _read(path)
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
    except ImportError as error:
        raise KeyMaterialError(
            f"The key file {path} holds a key that this installation cannot use."
        ) from error
    private = _parse(path, data, passphrase)
    if not isinstance(private, MLDSA44PrivateKey):
        raise KeyMaterialError(f"The key file {path} holds a key of another kind; ML-DSA-44 is needed.")
    key = PostQuantumKey(private.private_bytes_raw())
    _check_unchanged(path, data, key, passphrase)
    return key


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(_LARGEST)
    except OSError as error:
        raise KeyMaterialError(f"The key file {path} cannot be read: {error.strerror}.") from error
    if mode & 0o077:
        raise KeyMaterialError(
            f"Other users may read the key file {path} (mode {mode:o}). Run: chmod 600 {path}"
        )
    return data


def _parse(path: Path, data: bytes, passphrase: str | None) -> Any:
    try:
        secret = None if passphrase is None else passphrase.encode()
        return serialization.load_pem_private_key(data, secret)
    except TypeError as error:
        hint = "needs its passphrase" if passphrase is None else "has no passphrase; give none"
        raise KeyMaterialError(f"The key file {path} {hint}.") from error
    except UnsupportedAlgorithm as error:
        raise KeyMaterialError(
            f"The key file {path} holds a key that this installation cannot use."
        ) from error
    except Exception as error:  # OpenSSL's own errors have no common class
        reason = "is damaged" if passphrase is None else "is damaged, or the passphrase is wrong"
        raise KeyMaterialError(
            f"The key file {path} {reason}. Restore it from a backup of the keys."
        ) from error


def _check_unchanged(
    path: Path, data: bytes, key: SigningKey | PostQuantumKey, passphrase: str | None
) -> None:
    first_line = f"{key.label}\n".encode()
    whole = passphrase is not None or data == key_file_bytes(key)
    if not data.startswith(first_line) or not whole:
        raise KeyMaterialError(
            f"The key file {path} has changed since it was written: its first line does not name the key "
            "in it, or it is not in the form this program writes. Restore it from a backup of the keys."
        )
