"""Signed notes (C2SP signed-note): a text, a blank line, and one signature line for each key."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from provenance.errors import BadSignature, MalformedKey, MalformedNote
from provenance.keys import SigningKey, VerifierKey, check_key_name

_DASH = "— "
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
LARGEST_NOTE = 128 * 1024
MOST_SIGNATURES = 64


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line.

    Attributes:
        name: the key's name.
        key_id: its four-byte id.
        signature: the signature's bytes.
    """

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        """The line as it stands in a note, newline included."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note.

    Attributes:
        text: what is signed, ending in a newline.
        signatures: one for each line, in order.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """The note's bytes."""
        return (self.text + "\n" + "".join(signature.line() for signature in self.signatures)).encode()

    def verify(self, keys: Iterable[VerifierKey]) -> tuple[VerifierKey, ...]:
        """Checks every signature whose name and id are those of a known key.

        Returns:
            The known keys that signed, each once, in the note's order. Signatures by others are ignored.

        Raises:
            BadSignature: a known key's signature is wrong, or none of the known keys signed.
        """
        known = {(key.name, key.key_id): key for key in keys}
        signers: dict[VerifierKey, None] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None:
                key.key.verify(signature.signature, self.text.encode(), f"the note line of {signature.name}")
                signers[key] = None
        if not signers:
            raise BadSignature("None of the known keys signed this note.")
        return tuple(signers)

    def unknown(self, keys: Iterable[VerifierKey]) -> tuple[NoteSignature, ...]:
        """The signature lines that no known key accounts for, and repeated ones."""
        known = {(key.name, key.key_id) for key in keys}
        rest = []
        for signature in self.signatures:
            if (signature.name, signature.key_id) in known:
                known.discard((signature.name, signature.key_id))
            else:
                rest.append(signature)
        return tuple(rest)


def sign_note(text: str, name: str, key: SigningKey) -> NoteSignature:
    """Signs a note's text with an Ed25519 key under a name."""
    return NoteSignature(name, VerifierKey(name, key.public).key_id, key.sign(text.encode()))


def parse_note(data: bytes) -> Note:
    """Reads a signed note; `parse_note(data).encode() == data` always holds.

    Raises:
        MalformedNote: the bytes are no note in the one form the specification allows.
    """
    if len(data) > LARGEST_NOTE:
        raise MalformedNote(f"A note of {len(data)} bytes is larger than any this program reads.")
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedNote(f"The note is not UTF-8 at byte {error.start}.") from error
    if _CONTROL.search(content):
        raise MalformedNote("The note holds a control character.")
    body, blank, tail = content.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise MalformedNote("The note has no signature lines after a blank line.")
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise MalformedNote(f"The note has more than {MOST_SIGNATURES} signature lines.")
    note = Note(body + "\n", tuple(_parse_line(line) for line in lines))
    if note.encode() != data:
        raise MalformedNote("The note is not in the one form that the specification allows.")
    return note


def _parse_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        if not line.startswith(_DASH) or not space:
            raise MalformedKey("it is not an em dash, a key name and a signature")
        check_key_name(name)
        data = base64.b64decode(encoded, validate=True)
    except (MalformedKey, binascii.Error, ValueError) as error:
        raise MalformedNote(f"The line {line[:120]!r} is no signature line: {error}") from error
    if len(data) <= 4:
        raise MalformedNote(f"The signature line of {name} is too short.")
    return NoteSignature(name, data[:4], data[4:])
