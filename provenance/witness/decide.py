"""What a witness answers to `add-checkpoint` (C2SP tlog-witness), as a function of what it knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hashstore.errors import InvalidProof
from hashstore.merkle import EMPTY_ROOT, verify_consistency
from provenance.errors import BadSignature
from provenance.keys import VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead
from provenance.witness.request import AddCheckpoint

SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Known:
    """What a witness knows of a log.

    Attributes:
        keys: the keys that it trusts to sign the log's checkpoints.
        head: the newest head that it cosigned; the empty one if none.
    """

    keys: tuple[VerifierKey, ...]
    head: TreeHead = EMPTY_HEAD


@dataclass(frozen=True, slots=True)
class Decision:
    """What a witness answers.

    Attributes:
        status: the HTTP status; with 200 the checkpoint is to be recorded and then cosigned.
        body: the answer's text; for 200 it is the cosignatures, which the caller makes.
        content_type: its type.
        contradicts: whether the log signed, for the size that the witness holds, another root: a proof of
            equivocation together with the checkpoint that the witness holds.
    """

    status: int
    body: str = ""
    content_type: str = TEXT_TYPE
    contradicts: bool = False


def decide(request: AddCheckpoint, known: Known | None) -> Decision:
    """Judges a request in the order of the specification.

    Args:
        request: what the log asks.
        known: what the witness knows of the log that the checkpoint names; None if nothing.
    """
    checkpoint = request.checkpoint
    if known is None:
        return Decision(404, f"The log {checkpoint.origin} is not known here.\n")
    try:
        request.note.verify(known.keys)
    except BadSignature as error:
        return Decision(403, f"{error}\n")
    held, head = known.head, checkpoint.head
    contradicts = held.size > 0 and held.size == head.size and held.root != head.root
    if request.old_size > head.size:
        return Decision(400, "The old size is larger than the checkpoint's.\n", contradicts=contradicts)
    if request.old_size != held.size:
        return Decision(409, f"{held.size}\n", SIZE_TYPE, contradicts)
    try:
        _check_growth(held, head, request)
    except InvalidProof as error:
        return Decision(422, f"{error}\n", contradicts=contradicts)
    return Decision(200)


def _check_growth(held: TreeHead, head: TreeHead, request: AddCheckpoint) -> None:
    if head.size == 0 and head.root != EMPTY_ROOT:
        raise InvalidProof("the root of the empty tree is not the hash of nothing")
    # Of size 0 a log has but one root, so what is held for a log never seen is the empty head.
    verify_consistency(held.size, held.root, head.size, head.root, request.proof)
