"""Asking witnesses to cosign this node's newest checkpoint, and publishing what they sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.config import AskedWitness
from node.errors import NodeError
from node.witness.store import WitnessStore
from provenance.cosignature import CosignerKey
from provenance.errors import BadSignature, MalformedNote, ProvenanceError
from provenance.log.checkpoint import Checkpoint, parse_checkpoint_text
from provenance.log.log import Log
from provenance.log.note import NoteSignature, parse_note
from provenance.log.tree import TileTree
from provenance.witness import encode_request

if TYPE_CHECKING:  # only who asks witnesses waits for it
    import httpx

_LARGEST_ANSWER = 64 * 1024
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of asking.

    Attributes:
        cosigned: the names of those who cosigned.
        failed: the names of those who did not, and why.
        published: whether the cosignatures stand in the published checkpoint.
        threshold: how many were asked for.
    """

    cosigned: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    published: bool
    threshold: int

    @property
    def strong(self) -> bool:
        """Whether enough witnesses cosigned what is published."""
        return self.published and len(self.cosigned) >= self.threshold


def gather(
    log: Log,
    witnesses: Sequence[AskedWitness],
    threshold: int,
    client: httpx.Client,
    store: WitnessStore,
) -> Gathered:
    """Ask each witness to cosign the published checkpoint, and publish it with what they sign.

    Killed or failing anywhere, the published checkpoint stays as it is, or is the same head with more lines.

    Args:
        log: This node's log.
        witnesses: Whom to ask.
        threshold: How many are enough.
        client: Speaks HTTP; its time limits hold.
        store: Remembers what each witness cosigned last, which spares a question.
    """
    signed = log.signed_checkpoint()
    if signed is None or not witnesses:
        return Gathered((), (), False, threshold)
    checkpoint = parse_checkpoint_text(parse_note(signed).text)
    lines: list[NoteSignature] = []
    failed: list[tuple[str, str]] = []
    for witness in witnesses:
        try:
            lines.append(_ask(log, witness, signed, checkpoint, client, store))
        except (NodeError, ProvenanceError) as error:
            failed.append((witness.key.name, str(error)))
            continue
        with store.writing() as writing:
            writing.asked(str(witness.key), checkpoint.head.size)
    published = bool(lines) and log.publish_lines(checkpoint.text, lines)
    return Gathered(tuple(line.name for line in lines), tuple(failed), published, threshold)


def _ask(
    log: Log,
    witness: AskedWitness,
    signed: bytes,
    checkpoint: Checkpoint,
    client: httpx.Client,
    store: WitnessStore,
) -> NoteSignature:
    size, old = checkpoint.head.size, store.asked_size(str(witness.key))
    for _ in range(_TRIES):
        tree = TileTree(log.source, size)
        proof = tree.consistency(old) if 0 < old < size else ()
        status, body = _post(client, witness, encode_request(min(old, size), proof, signed))
        if status == 200:
            return _line(body, witness.key, checkpoint)
        if status != 409:
            said = body.decode("utf-8", "replace").strip()[:200]
            raise NodeError(f"The witness {witness.key.name} answered {status}: {said}")
        told = _told(body, witness)
        if told > size:
            raise NodeError(
                f"The witness {witness.key.name} has cosigned {told} entries of this log, and here are only "
                f"{size}. If this node comes from a backup, append nothing: see `vasculum log succeed`."
            )
        old = told
    raise NodeError(f"The witness {witness.key.name} told another size each time.")


def _told(body: bytes, witness: AskedWitness) -> int:
    text = body.decode("ascii", "replace").strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 16:
        raise NodeError(f"The witness {witness.key.name} tells no size in its answer 409.")
    return int(text)


def _line(body: bytes, key: CosignerKey, checkpoint: Checkpoint) -> NoteSignature:
    """The one line of an answer that is by the key we know and holds; the rest is ignored."""
    try:
        lines = parse_note(f"{checkpoint.text}\n".encode() + body).signatures
        line = next(line for line in lines if key.made(line))
        if key.verify(line, checkpoint) == 0:
            raise BadSignature("it says nothing of the time")
    except StopIteration:
        raise NodeError(f"The answer of {key.name} holds no line by the key {key}.") from None
    except (BadSignature, MalformedNote) as error:
        raise NodeError(f"The cosignature of {key.name} does not hold: {error}") from error
    return line


def _post(client: httpx.Client, witness: AskedWitness, request: bytes) -> tuple[int, bytes]:
    import httpx

    url = f"{witness.url.rstrip('/')}/add-checkpoint"
    try:
        with client.stream("POST", url, content=request) as answer:
            body = b""
            for chunk in answer.iter_bytes(16 * 1024):
                body += chunk
                if len(body) > _LARGEST_ANSWER:
                    raise NodeError(f"The answer of the witness {witness.key.name} does not end.")
            return answer.status_code, body
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NodeError(f"The witness {witness.key.name} at {url} cannot be reached: {error}") from error
