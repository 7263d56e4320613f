"""Cosignatures (C2SP tlog-cosignature): a witness's timestamped line under another's checkpoint.

Type 0x04 is Ed25519 over the whole text of the checkpoint; type 0x06 is ML-DSA-44 over origin, size and root.
A log's own ML-DSA-44 line is of type 0x06 too, under its origin as name (tlog-checkpoint, "Signatures").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from provenance import post_quantum
from provenance.errors import BadSignature, MalformedKey
from provenance.keys import PublicKey, SigningKey, check_key_name
from provenance.log.checkpoint import Checkpoint
from provenance.log.note import Note, NoteSignature
from provenance.post_quantum import PostQuantumKey

LATEST: Final = 2**63 - 1
_SUBTREE: Final = b"subtree/v1\n\0"


class Algorithm(Enum):
    """How a cosignature is made; the value is the signature type byte of signed-note."""

    ED25519 = 0x04
    ML_DSA_44 = 0x06


_KEY_SIZES = {Algorithm.ED25519: 32, Algorithm.ML_DSA_44: post_quantum.PUBLIC_SIZE}


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """The public key of one who cosigns, under its name.

    Attributes:
        name: the key's name, such as `witness.example/w1`.
        algorithm: what it signs with.
        raw: the public key, 32 or 1,312 bytes.
    """

    name: str
    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.raw) != _KEY_SIZES[self.algorithm] or len(self.name.encode()) > 255:
            raise MalformedKey(f"The cosigner {self.name[:80]!r} has a key or a name of the wrong length.")

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before this key's signatures in a note."""
        text = self.name.encode() + b"\n" + bytes([self.algorithm.value]) + self.raw
        return hashlib.sha256(text).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> CosignerKey:
        """Reads `<name>+<8 hex>+<base64>` of type 0x04 or 0x06.

        Raises:
            MalformedKey: another form, another type, or an id that is not this name's and key's.
        """
        try:
            name, _, encoded = text.split("+", 2)
            material = base64.b64decode(encoded, validate=True)
            found = cls(name, Algorithm(material[0]), material[1:])
        except (ValueError, IndexError, binascii.Error) as error:
            raise MalformedKey(
                f"{text[:120]!r} is no verifier key of a witness: <name>+<8 hex>+<base64>, of type 4 or 6."
            ) from error
        if str(found) != text:
            raise MalformedKey(f"The verifier key of {name} is damaged: its id is not that of its key.")
        return found

    def made(self, line: NoteSignature) -> bool:
        """Whether a line names this key; whether it holds is for `verify` to say."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def verify(self, line: NoteSignature, checkpoint: Checkpoint) -> int:
        """Checks a cosignature.

        Returns:
            When it was made, in seconds since 1970; 0 where the cosigner says nothing of the time.

        Raises:
            BadSignature: the line is another key's, or does not hold for this checkpoint.
        """
        timestamp, signature = int.from_bytes(line.signature[:8]), line.signature[8:]
        if not self.made(line) or len(line.signature) <= 8 or timestamp > LATEST:
            raise BadSignature(f"The line by {line.name} is no cosignature by {self.name}.")
        message, what = self.message(checkpoint, timestamp), f"the checkpoint cosigned by {self.name}"
        if self.algorithm is Algorithm.ED25519:
            PublicKey(self.raw).verify(signature, message, what)
        else:
            post_quantum.verify(self.raw, signature, message, what)
        return timestamp

    def message(self, checkpoint: Checkpoint, timestamp: int) -> bytes:
        """The bytes that a cosignature signs (tlog-cosignature, "signed message")."""
        if self.algorithm is Algorithm.ED25519:
            return f"cosignature/v1\ntime {timestamp}\n{checkpoint.text}".encode()
        name, origin = self.name.encode(), checkpoint.origin.encode()
        if len(origin) > 255:
            raise BadSignature("A log whose name is longer than 255 bytes cannot be cosigned with ML-DSA-44.")
        start, end = (0).to_bytes(8), checkpoint.head.size.to_bytes(8)
        who = bytes([len(name)]) + name + timestamp.to_bytes(8) + bytes([len(origin)]) + origin
        return _SUBTREE + who + start + end + checkpoint.head.root

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.algorithm.value]) + self.raw).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Cosigner:
    """One who cosigns: a private key under a name.

    Attributes:
        name: the key's name.
        secret: the key; it must sign nothing but cosignatures.
    """

    name: str
    secret: SigningKey | PostQuantumKey

    @property
    def key(self) -> CosignerKey:
        """The public half."""
        if isinstance(self.secret, SigningKey):
            return CosignerKey(self.name, Algorithm.ED25519, self.secret.public.raw)
        return CosignerKey(self.name, Algorithm.ML_DSA_44, self.secret.public)

    def cosign(self, checkpoint: Checkpoint, timestamp: int) -> NoteSignature:
        """Signs a checkpoint. The caller has made sure that it continues all that this key cosigned before.

        Args:
            checkpoint: what is cosigned.
            timestamp: seconds since 1970; 0 says nothing of the time, and only ML-DSA-44 allows it.
        """
        key = self.key
        signature = self.secret.sign(key.message(checkpoint, timestamp))
        return NoteSignature(self.name, key.key_id, timestamp.to_bytes(8) + signature)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosignature that holds.

    Attributes:
        key: whose it is.
        timestamp: when it was made, in seconds since 1970, as the cosigner says.
    """

    key: CosignerKey
    timestamp: int


def cosignatures(note: Note, checkpoint: Checkpoint, keys: Iterable[CosignerKey]) -> tuple[Cosignature, ...]:
    """The cosignatures by known keys under a checkpoint, each key once. Lines by others are ignored.

    Raises:
        BadSignature: a line names a known key and does not hold (signed-note: the note is then malformed).
    """
    found: dict[CosignerKey, Cosignature] = {}
    known = list(keys)
    for line in note.signatures:
        for key in known:
            if key.made(line):
                found.setdefault(key, Cosignature(key, key.verify(line, checkpoint)))
    return tuple(found.values())
