"""The body of `add-checkpoint` (C2SP tlog-witness): an old size, a consistency proof, a signed checkpoint."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenance.errors import BadRequest, MalformedNote
from provenance.log.checkpoint import LARGEST_SIZE, Checkpoint, parse_checkpoint_text
from provenance.log.note import LARGEST_NOTE, Note, parse_note

MOST_PROOF_LINES: Final = 63
LARGEST_REQUEST: Final = LARGEST_NOTE + 8 * 1024
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})", re.ASCII)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a log asks a witness to cosign.

    Attributes:
        old_size: the size of the checkpoint that the witness cosigned last, as the log believes.
        proof: the consistency proof from there, hashes of 32 bytes.
        note: the signed checkpoint.
        checkpoint: what it says; its signatures are not judged yet.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint


def encode_request(old_size: int, proof: Sequence[bytes], signed_checkpoint: bytes) -> bytes:
    """The body of a request."""
    lines = [f"old {old_size}", *(base64.b64encode(step).decode("ascii") for step in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + signed_checkpoint


def parse_request(body: bytes) -> AddCheckpoint:
    """Reads the body of a request; `encode_request` of what it gives is the same bytes.

    Raises:
        BadRequest: it is not in the form that the specification gives.
    """
    if len(body) > LARGEST_REQUEST:
        raise BadRequest(f"The request has more than {LARGEST_REQUEST} bytes.")
    head, blank, signed = body.partition(b"\n\n")
    try:
        first, *proof = head.decode("ascii").split("\n")
        old = _OLD.fullmatch(first)
        note = parse_note(signed)
        checkpoint = parse_checkpoint_text(note.text)
        path = tuple(_hash(line) for line in proof)
    except (UnicodeDecodeError, MalformedNote) as error:
        raise BadRequest(f"The request holds no checkpoint, or no text before it: {error}") from error
    if not blank or old is None or int(old[1]) > LARGEST_SIZE:
        raise BadRequest("The request does not begin with `old <size>`, proof lines and an empty line.")
    if len(path) > MOST_PROOF_LINES:
        raise BadRequest(f"The consistency proof has more than {MOST_PROOF_LINES} lines.")
    return AddCheckpoint(int(old[1]), path, note, checkpoint)


def _hash(line: str) -> bytes:
    try:
        raw = base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadRequest("A line of the consistency proof is not base64.") from error
    if len(raw) != 32 or base64.b64encode(raw).decode("ascii") != line:
        raise BadRequest("A line of the consistency proof is no hash of 32 bytes in base64.")
    return raw
