"""Checkpoints (C2SP tlog-checkpoint): a log's origin, tree size and root hash, as a signed note."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hashstore.digest import Digest
from hashstore.merkle import EMPTY_ROOT
from provenance.errors import MalformedNote
from provenance.keys import SigningKey, VerifierKey, check_key_name
from provenance.log.note import Note, NoteSignature, parse_note, sign_note

LARGEST_SIZE = 2**53 - 1


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How large a log's tree is and what it contains.

    Attributes:
        size: the number of leaves.
        root: the RFC 6962 root over them, 32 bytes.
    """

    size: int
    root: bytes


EMPTY_HEAD = TreeHead(0, EMPTY_ROOT)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head of a named log.

    Attributes:
        origin: the log's name.
        head: size and root.
        extensions: further lines, kept as they are; this program writes none.
    """

    origin: str
    head: TreeHead
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The note text that is signed."""
        root = base64.b64encode(self.head.root).decode("ascii")
        return "".join(f"{line}\n" for line in (self.origin, str(self.head.size), root, *self.extensions))

    @property
    def digest(self) -> Digest:
        """SHA-256 of the note text: the name under which a whole snapshot of a log is cited."""
        return Digest.of(self.text.encode())

    def sign(self, key: SigningKey, *further: CheckpointSigner) -> bytes:
        """The checkpoint as a note signed by the log's key, under the origin as key name.

        Args:
            key: the log's key.
            further: makes the lines that stand after the log's, such as one of another algorithm.
        """
        check_key_name(self.origin)
        line = sign_note(self.text, self.origin, key)
        return Note(self.text, (line, *(make(self) for make in further))).encode()


CheckpointSigner: TypeAlias = Callable[[Checkpoint], NoteSignature]


def parse_checkpoint_text(text: str) -> Checkpoint:
    """Reads the text of a checkpoint; `parse_checkpoint_text(text).text == text` always holds.

    Raises:
        MalformedNote: a line is missing or has another form.
    """
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < 3 or not all(lines):
        raise MalformedNote("A checkpoint has three non-empty lines: origin, tree size, root hash.")
    origin, size, encoded, *extensions = lines
    if not (size.isascii() and size.isdigit()) or len(size) > 16 or int(size) > LARGEST_SIZE:
        raise MalformedNote(f"The checkpoint of {origin} has no tree size, but {size[:40]!r}.")
    try:
        root = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise MalformedNote(f"The root hash in the checkpoint of {origin} is not base64.") from error
    checkpoint = Checkpoint(origin, TreeHead(int(size), root), tuple(extensions))
    if len(root) != 32 or checkpoint.text != text:
        raise MalformedNote(
            f"The checkpoint of {origin} is not in the one form that the specification allows."
        )
    return checkpoint


def open_checkpoint(data: bytes, *keys: VerifierKey) -> Checkpoint:
    """Reads a signed checkpoint and checks that at least one of `keys`, and none of them wrongly, signed it.

    Raises:
        MalformedNote: it is no checkpoint.
        BadSignature: no known key signed it, or a known key's signature is wrong.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint_text(note.text)
    note.verify(keys)
    return checkpoint
