"""Ed25519 keys and the forms in which others read them: `did:key`, multibase and C2SP verifier keys.

Sources: RFC 8032; W3C did:key (multicodec 0xed01, base58btc); C2SP signed-note, "Verifier keys".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from provenance import base58
from provenance.errors import BadSignature, MalformedKey

_MULTICODEC = b"\xed\x01"
_NOTE_ED25519 = b"\x01"


@lru_cache(maxsize=1024)
def _multibase(raw: bytes) -> str:
    """Asked for again and again of few keys; base 58 is slow arithmetic."""
    return "z" + base58.encode(_MULTICODEC + raw)


@dataclass(frozen=True, slots=True, order=True)
class PublicKey:
    """An Ed25519 public key: 32 bytes.

    Attributes:
        raw: the key as RFC 8032 encodes it.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise MalformedKey(f"An Ed25519 public key has 32 bytes, not {len(self.raw)}.")

    @property
    def multibase(self) -> str:
        """The Multikey form, `z6Mk...`."""
        return _multibase(self.raw)

    @property
    def did(self) -> str:
        """The key as an identifier of who holds it, `did:key:z6Mk...`."""
        return f"did:key:{self.multibase}"

    @property
    def verification_method(self) -> str:
        """What a proof names as its key: the did and, as fragment, the multibase form."""
        return f"{self.did}#{self.multibase}"

    def vkey(self, name: str) -> str:
        """The C2SP verifier key `<name>+<8 hex>+<base64>` under a key name, such as a log's origin."""
        return str(VerifierKey(name, self))

    def verify(self, signature: bytes, data: bytes, what: str = "these bytes") -> None:
        """Checks a 64-byte signature over `data`.

        Raises:
            BadSignature: it is not this key's signature; the message names `what`.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError) as error:
            raise BadSignature(f"The signature over {what} is not one by {self.did}.") from error

    def __str__(self) -> str:
        return self.did


@dataclass(frozen=True, slots=True, order=True)
class VerifierKey:
    """A public key under the name with which it signs notes (C2SP signed-note).

    Attributes:
        name: the key's name; for a log, its origin. No spaces, no plus sign.
        key: the key itself.
    """

    name: str
    key: PublicKey

    def __post_init__(self) -> None:
        check_key_name(self.name)

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before this key's signatures in a note."""
        text = self.name.encode() + b"\n" + _NOTE_ED25519 + self.key.raw
        return hashlib.sha256(text).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Reads `<name>+<8 hex>+<base64>`.

        Raises:
            MalformedKey: another form, another algorithm, or an id that is not this name's and key's.
        """
        try:
            name, key_id, encoded = text.split("+", 2)
            material = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise MalformedKey(f"{text!r} is no verifier key <name>+<8 hex>+<base64>.") from error
        if material[:1] != _NOTE_ED25519 or len(material) != 33:
            raise MalformedKey(f"The verifier key {text!r} is not an Ed25519 key.")
        found = cls(name, PublicKey(material[1:]))
        if str(found) != text:
            raise MalformedKey(
                f"The verifier key {text!r} is damaged: its id {key_id} is not that of its key."
            )
        return found

    def __str__(self) -> str:
        encoded = base64.b64encode(_NOTE_ED25519 + self.key.raw).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


def check_key_name(name: str) -> None:
    """Holds a key name (and so a log's origin) to the rules of signed-note.

    Raises:
        MalformedKey: it is empty or has a space, a control or a plus sign.
    """
    if not name or "+" in name or not name.isprintable() or any(letter.isspace() for letter in name):
        raise MalformedKey(
            f"{name!r} cannot name a key: it must be non-empty, without spaces and plus signs."
        )


def parse_public_key(text: str) -> PublicKey:
    """Reads any form of a public key: `did:key:z6Mk...` (also with fragment), `z6Mk...` or a verifier key.

    Raises:
        MalformedKey: the text is none of them, or its parts contradict each other.
    """
    text = text.strip()
    if "+" in text and not text.startswith("did:"):
        return VerifierKey.parse(text).key
    body, hash_sign, fragment = text.removeprefix("did:key:").partition("#")
    key = _parse_multibase(body)
    if hash_sign and fragment != body:
        raise MalformedKey(f"{text!r} names one key before the # and another after it.")
    return key


def _parse_multibase(text: str) -> PublicKey:
    if not text.startswith("z"):
        raise MalformedKey(
            f"{text!r} is no public key: expected did:key:z6Mk..., z6Mk... or <name>+<id>+<base64>."
        )
    try:
        data = base58.decode(text[1:])
    except ValueError as error:
        raise MalformedKey(f"{text!r} is no base58 key: {error}.") from error
    if data[:2] != _MULTICODEC:
        raise MalformedKey(f"{text!r} is a key of another kind; only Ed25519 keys (z6Mk...) are understood.")
    return PublicKey(data[2:])


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key; its bytes are never part of its printed form.

    Attributes:
        seed: the 32 secret bytes of RFC 8032.
    """

    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.seed) != 32:
            raise MalformedKey(f"An Ed25519 private key has 32 bytes, not {len(self.seed)}.")

    @classmethod
    def generate(cls) -> SigningKey:
        """Makes a new key from the system's random source."""
        return cls(os.urandom(32))

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.private.public_key().public_bytes_raw())

    @property
    def label(self) -> str:
        """The first line of its key file."""
        return self.public.did

    @property
    def private(self) -> Ed25519PrivateKey:
        """The key as `cryptography` has it."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, data: bytes) -> bytes:
        """Signs bytes; 64 bytes, the same each time (RFC 8032 is deterministic)."""
        return self.private.sign(data)

    def save(self, path: Path, passphrase: str | None = None) -> None:
        """Writes the key to a new file that only its owner may read; see `provenance.key_file`."""
        from provenance.key_file import write_key_file

        write_key_file(path, self, passphrase)

    @classmethod
    def load(cls, path: Path, passphrase: str | None = None) -> SigningKey:
        """Reads a key file back; see `provenance.key_file`."""
        from provenance.key_file import read_key_file

        return read_key_file(path, passphrase)
