"""The identity of bytes: one frozen value, one parser, one printer for each written form.

The forms are those of `spec/identifiers.md`. `multiformats` stands behind the two that need multibase, and is
imported only when one of them is met, because most commands never meet one.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from hashstore.errors import MalformedDigest

SIZE: Final = 32
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_HASH_URI: Final = re.compile(r"hash://sha256/([0-9a-f]{64})", re.IGNORECASE | re.ASCII)
_NI: Final = re.compile(r"(?i:ni)://[^/?#]*/(?i:sha-256);([A-Za-z0-9_-]+)(?:\?[^#]*)?")
_MULTIHASH_HEX: Final = re.compile(r"1220([0-9a-fA-F]{64})")
_MULTIHASH_PREFIX: Final = bytes.fromhex("1220")  # sha2-256, 32 bytes (multicodec table)
_CID_PREFIX: Final = bytes.fromhex("01551220")  # CIDv1, raw, then the multihash
_LONGEST: Final = 512  # base 2 of a CID takes 289 characters; longer text would only cost time


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """The SHA-256 of some bytes.

    Attributes:
        raw: The 32 bytes of the hash.
    """

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != SIZE:
            raise MalformedDigest(self.raw.hex(), f"it has {len(self.raw)} bytes, not {SIZE}")

    @classmethod
    def of(cls, data: bytes | bytearray | memoryview) -> Digest:
        """Hash bytes that are already in memory."""
        return cls(hashlib.sha256(data).digest())

    @classmethod
    def parse(cls, text: str) -> Digest:
        """Read any of the written forms.

        Args:
            text: Hex (either case), `hash://sha256/<hex>`, `ni:` (RFC 6920), a CIDv1 with the raw codec in
                any multibase, or a sha2-256 multihash (hex, base58 `Qm...`, or any multibase).

        Raises:
            MalformedDigest: If the text is none of these, or names another hash or codec.
        """
        if _HEX.fullmatch(text):
            return cls(bytes.fromhex(text))
        if uri := _HASH_URI.fullmatch(text):
            return cls(bytes.fromhex(uri[1]))
        if len(text) > _LONGEST:
            raise MalformedDigest(text, "it is too long")
        if text[:3].lower() == "ni:":
            return cls(_from_ni(text))
        if multihash := _MULTIHASH_HEX.fullmatch(text):
            return cls(bytes.fromhex(multihash[1]))
        return cls(_from_multiformat(text))

    @property
    def hex(self) -> str:
        """64 lower-case hex digits."""
        return self.raw.hex()

    @property
    def uri(self) -> str:
        """`hash://sha256/<hex>`, the form used in every document."""
        return f"hash://sha256/{self.raw.hex()}"

    @property
    def ni(self) -> str:
        """`ni:///sha-256;<base64url>` without padding (RFC 6920, section 3)."""
        return f"ni:///sha-256;{base64.urlsafe_b64encode(self.raw).decode().rstrip('=')}"

    @property
    def cid(self) -> str:
        """The CIDv1 of the bytes as one raw block, in lower-case base 32."""
        return _multibase("base32", _CID_PREFIX + self.raw)

    @property
    def multihash(self) -> str:
        """The sha2-256 multihash in multibase base 16: `f1220<hex>`."""
        return _multibase("base16", _MULTIHASH_PREFIX + self.raw)

    def __str__(self) -> str:
        return self.uri


def _from_ni(text: str) -> bytes:
    match = _NI.fullmatch(text)
    if match is None:
        raise MalformedDigest(text, "it is no ni:///sha-256;<base64url> name")
    value = match[1]
    raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)) if len(value) % 4 != 1 else b""
    if len(raw) != SIZE:
        raise MalformedDigest(text, f"its value has {len(raw)} bytes, not {SIZE}")
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != value:
        raise MalformedDigest(text, "its last character carries bits beyond the hash")
    return raw


def _from_multiformat(text: str) -> bytes:
    payload = _multibase_payload(text)
    if len(payload) == len(_CID_PREFIX) + SIZE and payload.startswith(_CID_PREFIX):
        return payload[len(_CID_PREFIX) :]
    if len(payload) == len(_MULTIHASH_PREFIX) + SIZE and payload.startswith(_MULTIHASH_PREFIX):
        return payload[len(_MULTIHASH_PREFIX) :]
    if payload[:1] == b"\x01":
        raise MalformedDigest(text, "it is a CID, but not one of raw bytes under sha2-256")
    raise MalformedDigest(text, "it is no form that we know")


def _multibase_payload(text: str) -> bytes:
    """Decode a multibase text, or the bare base 58 in which multihashes are often written."""
    from multiformats import multibase

    # A multihash without multibase prefix starts with Qm, and no multibase is called Q.
    prefixed = f"z{text}" if text.startswith("Qm") else text
    try:
        base, payload = multibase.decode_raw(prefixed)
        again = base.encode(payload)
    except Exception as error:  # the library raises its own, ValueError, KeyError and UnicodeError alike
        raise MalformedDigest(text, "it is no form that we know") from error
    if again != prefixed:
        raise MalformedDigest(text, f"it is not the one way to write these bytes in {base.name}")
    return bytes(payload)


def _multibase(name: str, payload: bytes) -> str:
    from multiformats import multibase

    return str(multibase.encode(payload, name))
