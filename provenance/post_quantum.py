"""ML-DSA-44 keys (FIPS 204), by which checkpoints stay believable once Ed25519 does not.

The `cryptography` package offers the algorithm from some builds on; where it does not, nothing is signed
with it, and what others signed with it is neither believed nor refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from hashstore.digest import Digest
from provenance.errors import BadSignature, MalformedKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

PUBLIC_SIZE: Final = 1312
SIGNATURE_SIZE: Final = 2420


def available() -> bool:
    """Whether this installation can sign and verify with ML-DSA-44."""
    try:
        _private(bytes(32))
    except (ImportError, UnsupportedAlgorithm):
        return False
    return True


def verify(public: bytes, signature: bytes, data: bytes, what: str) -> None:
    """Checks an ML-DSA-44 signature, with the empty context string.

    Raises:
        BadSignature: it is not this key's signature, or this installation cannot tell.
    """
    try:
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        MLDSA44PublicKey.from_public_bytes(public).verify(signature, data)
    except (ImportError, UnsupportedAlgorithm) as error:
        raise BadSignature(f"The ML-DSA-44 signature over {what} cannot be checked here.") from error
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"The ML-DSA-44 signature over {what} does not hold.") from error


@dataclass(frozen=True, slots=True)
class PostQuantumKey:
    """An ML-DSA-44 private key; its bytes are never part of its printed form.

    Attributes:
        seed: the 32 secret bytes of FIPS 204.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != 32:
            raise MalformedKey(f"The seed of an ML-DSA-44 key has 32 bytes, not {len(self.seed)}.")

    @classmethod
    def generate(cls) -> PostQuantumKey:
        """Makes a new key from the system's random source."""
        return cls(os.urandom(32))

    @property
    def public(self) -> bytes:
        """The public half, 1,312 bytes."""
        return _private(self.seed).public_key().public_bytes_raw()

    @property
    def label(self) -> str:
        """The first line of its key file."""
        return f"mldsa44 {Digest.of(self.public).uri}"

    @property
    def private(self) -> MLDSA44PrivateKey:
        """The key as `cryptography` has it."""
        return _private(self.seed)

    def sign(self, data: bytes) -> bytes:
        """Signs bytes: 2,420 bytes, other ones each time."""
        return _private(self.seed).sign(data)

    def save(self, path: Path, passphrase: str | None = None) -> None:
        """Writes the key to a new file that only its owner may read; see `provenance.key_file`."""
        from provenance.key_file import write_key_file

        write_key_file(path, self, passphrase)

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> PostQuantumKey:
        """Reads a key file back; see `provenance.key_file`."""
        from provenance.key_file import read_post_quantum_file

        return read_post_quantum_file(path, passphrase)


def _private(seed: bytes) -> MLDSA44PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

    return MLDSA44PrivateKey.from_seed_bytes(seed)
