"""`POST /witness/add-checkpoint` without HTTP: a body goes in, status and text come out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hashstore.digest import Digest
from node.witness.store import Held, WitnessStore, Writing
from provenance.cosignature import Cosigner
from provenance.errors import BadRequest, ProvenanceError
from provenance.keys import VerifierKey
from provenance.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint_text
from provenance.log.note import Note, NoteSignature, parse_note
from provenance.witness import (
    AddCheckpoint,
    Known,
    contradiction,
    decide,
    encode_equivocation,
    parse_request,
)
from provenance.witness.decide import TEXT_TYPE

KeysOf = Callable[[Checkpoint], Sequence[VerifierKey] | None]
"""The keys that may have signed a checkpoint of a log; None for a log that is not witnessed here."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: the status code.
        content_type: the type of the body.
        body: the body.
    """

    status: int
    content_type: str
    body: bytes


class Witness:
    """Cosigns checkpoints of the logs that it knows, and never two of one log that contradict each other."""

    def __init__(
        self,
        store: WitnessStore,
        cosigners: Sequence[Cosigner],
        keys_of: KeysOf,
        clock: Callable[[], float] = time.time,
        accused: Callable[[str], None] = lambda origin: None,
    ) -> None:
        """Puts a witness together.

        Args:
            store: what it cosigned before.
            cosigners: its keys; each makes a line.
            keys_of: which logs it witnesses, and their keys.
            clock: seconds since 1970.
            accused: told the name of a log that has just been found to contradict itself.
        """
        self._store = store
        self._cosigners = tuple(cosigners)
        self._keys_of = keys_of
        self._clock = clock
        self._accused = accused

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answers a request (C2SP tlog-witness); a body, however broken, never raises.

        Raises:
            NodeError: the record of what was cosigned cannot be kept; nothing was cosigned.
        """
        try:
            request = parse_request(body)
        except BadRequest as error:
            return Answer(400, TEXT_TYPE, f"{error}\n".encode())
        keys = self._keys_of(request.checkpoint)
        if keys is None:
            decision = decide(request, None)
            return Answer(decision.status, decision.content_type, decision.body.encode())
        with self._store.writing() as writing:
            # Told to nobody before the transaction has ended: only then can it not be undone.
            answer, proved = self._answer(writing, request, tuple(keys))
        if proved:
            self._accused(request.checkpoint.origin)
        return answer

    def checkpoint(self, origin_hash: str) -> bytes | None:
        """What was cosigned last of a log, for monitors; by the SHA-256 of the log's name in hex."""
        return self._store.checkpoint(origin_hash)

    def _answer(
        self, writing: Writing, request: AddCheckpoint, keys: tuple[VerifierKey, ...]
    ) -> tuple[Answer, bool]:
        origin = request.checkpoint.origin
        held = writing.held(origin)
        decision = decide(request, Known(keys, held.head))
        proved = decision.contradicts and self._accuse(writing, held.note, request.note.encode())
        if decision.status != 200:
            return Answer(decision.status, decision.content_type, decision.body.encode()), proved
        now = int(self._clock())
        lines = tuple(cosigner.cosign(request.checkpoint, now) for cosigner in self._cosigners)
        writing.cosigned(origin, Held(request.checkpoint.head, _kept(request.note, keys, lines)))
        return Answer(200, TEXT_TYPE, "".join(line.line() for line in lines).encode()), False

    def _accuse(self, writing: Writing, held: bytes, shown: bytes) -> bool:
        try:
            proof = contradiction(held, shown, self._open)
        except ProvenanceError:
            return False  # what we hold was signed by a key that is trusted no more
        if proof is None:
            return False
        data = encode_equivocation(proof)
        writing.accuse(self._open(shown).origin, Digest.of(data), data)
        return True

    def _open(self, signed: bytes) -> Checkpoint:
        """Read a checkpoint by the key of its own time: two of one log may be of two keys."""
        said = parse_checkpoint_text(parse_note(signed).text)
        return open_checkpoint(signed, *(self._keys_of(said) or ()))


def _kept(note: Note, keys: Sequence[VerifierKey], lines: tuple[NoteSignature, ...]) -> bytes:
    """The note with the lines that were checked and made here; others' lines are not ours to vouch for."""
    checked = {(key.name, key.key_id) for key in keys}
    own = tuple(line for line in note.signatures if (line.name, line.key_id) in checked)
    return Note(note.text, own + lines).encode()
