"""Write the vectors of witnesses, proofs of equivocation and key histories.

Run it as `python spec/vectors/generate_witness.py`. All keys are made of plain seeds and all signatures are
Ed25519, which is deterministic. (ML-DSA-44 signatures differ each time, so only their message is given.)
"""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hashstore.merkle import consistency_path, leaf_hashes, merkle_root
from provenance.cosignature import Algorithm, Cosigner, CosignerKey
from provenance.errors import ProvenanceError
from provenance.key_history import KeyHistory
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint
from provenance.log.files import LogFolder
from provenance.log.log import Log
from provenance.log.note import Note, parse_note
from provenance.log.tree import TileTree
from provenance.statement import Statement, issue
from provenance.statement.kinds import KeyChange, KeyRevocation, KeyRole, LogDescription, key_commitment
from provenance.witness import (
    Known,
    WitnessPolicy,
    contradiction,
    decide,
    encode_equivocation,
    encode_request,
    parse_request,
)

FOLDER = Path(__file__).parent
ORIGIN = "museum.example/log"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TIME = 1_795_420_800
LOG = SigningKey(bytes(range(32, 64)))
KEY = VerifierKey(ORIGIN, LOG.public)
WITNESSES = tuple(Cosigner(f"w{n}.example/witness", SigningKey(bytes([n]) * 32)) for n in (1, 2, 3))
LEAVES = [b"leaf %d" % n for n in range(9)]
OTHERS = [*LEAVES[:4], b"another leaf 4", *LEAVES[5:]]


def head(leaves: list[bytes], size: int) -> TreeHead:
    """The head of the tree over the first leaves."""
    return TreeHead(size, merkle_root(leaf_hashes(leaves[:size])))


def signed(leaves: list[bytes], size: int, key: SigningKey = LOG) -> bytes:
    """Its checkpoint."""
    return Checkpoint(ORIGIN, head(leaves, size)).sign(key)


def cosignatures() -> list[Any]:
    """A checkpoint with a cosignature, and the message of each kind."""
    checkpoint = Checkpoint(ORIGIN, head(LEAVES, 7))
    witness = WITNESSES[0]
    line = witness.cosign(checkpoint, TIME)
    second = CosignerKey("w4.example/witness", Algorithm.ML_DSA_44, bytes(1312))
    return [
        {
            "type": "ed25519",
            "seed": bytes([1] * 32).hex(),
            "verifierKey": str(witness.key),
            "time": TIME,
            "message": witness.key.message(checkpoint, TIME).hex(),
            "checkpoint": Note(checkpoint.text, (*parse_note(signed(LEAVES, 7)).signatures, line))
            .encode()
            .decode(),
        },
        {
            "type": "ml-dsa-44",
            "name": second.name,
            "time": TIME,
            "checkpointText": checkpoint.text,
            "message": second.message(checkpoint, TIME).hex(),
        },
    ]


def requests() -> list[Any]:
    """Requests to one who witnesses the log and holds a head of it, and what is answered."""
    grown = consistency_path(leaf_hashes(LEAVES)[:7], 3)
    stranger = SigningKey(bytes(32))
    wrong_proof = encode_request(3, [bytes(32)], signed(LEAVES, 7))
    cases = [
        ("the first checkpoint", 0, encode_request(0, (), signed(LEAVES, 3))),
        ("a checkpoint that continues the last", 3, encode_request(3, grown, signed(LEAVES, 7))),
        ("the same checkpoint again", 7, encode_request(7, (), signed(LEAVES, 7))),
        ("another old size", 5, encode_request(3, grown, signed(LEAVES, 7))),
        ("a proof that does not hold", 3, wrong_proof),
        ("another root of the same size", 7, encode_request(7, (), signed(OTHERS, 7))),
        ("a proof from nothing", 0, encode_request(0, [bytes(32)], signed(LEAVES, 3))),
        ("an old size beyond the checkpoint", 7, encode_request(7, (), signed(LEAVES, 3))),
        ("a stranger's signature", 0, encode_request(0, (), signed(LEAVES, 3, stranger))),
        ("a leading zero", 3, encode_request(3, (), signed(LEAVES, 3)).replace(b"old 3", b"old 03")),
    ]  # fmt: skip
    return [_answered(name, held, body) for name, held, body in cases]


def _answered(name: str, held: int, body: bytes) -> dict[str, Any]:
    known = Known((KEY,), head(LEAVES, held)) if held else Known((KEY,))
    try:
        decision = decide(parse_request(body), known)
        status, told = decision.status, decision.body if decision.status == 409 else None
    except ProvenanceError:
        status, told = 400, None
    answer = {"status": status} if told is None else {"status": status, "body": told}
    return {"case": name, "held": held, "request": body.decode(), **answer}


def policies() -> list[Any]:
    """One checkpoint by two of three witnesses, under each threshold."""
    checkpoint = Checkpoint(ORIGIN, head(LEAVES, 7))
    lines = tuple(witness.cosign(checkpoint, TIME + n) for n, witness in enumerate(WITNESSES[:2]))
    note = Note(checkpoint.text, (*parse_note(signed(LEAVES, 7)).signatures, *lines)).encode()
    keys = [str(witness.key) for witness in WITNESSES]
    return [
        {
            "threshold": threshold,
            "keys": keys,
            "checkpoint": note.decode(),
            "strong": WitnessPolicy.parse(keys, threshold).judge(note).strong,
        }
        for threshold in (1, 2, 3)
    ]


def equivocations() -> list[Any]:
    """A proof by root, and one by leaf."""
    with tempfile.TemporaryDirectory() as folder:
        for name, leaves in (("a", LEAVES[:5]), ("b", OTHERS)):
            Log(Path(folder, name), ORIGIN, LOG).append(leaves)

        def trees(head: TreeHead) -> TileTree:
            return TileTree(LogFolder(Path(folder, "a" if head.size == 5 else "b")), head.size)

        found = [
            contradiction(signed(LEAVES, 7), signed(OTHERS, 7), _open),
            contradiction(signed(LEAVES, 5), signed(OTHERS, 9), _open, trees),
        ]
    return [encode_equivocation(proof).decode() for proof in found if proof is not None]


def _open(data: bytes) -> Checkpoint:
    return open_checkpoint(data, KEY)


def witness() -> Any:
    """Everything about witnesses."""
    return {
        "description": "Cosignatures, requests with their answers, policies, proofs of equivocation.",
        "logKey": str(KEY),
        "cosignatures": cosignatures(),
        "requests": requests(),
        "policies": policies(),
        "equivocations": equivocations(),
    }


def _key(number: int) -> SigningKey:
    return SigningKey(bytes([number]) * 32)


def _change(number: int, role: KeyRole, old: int, new: int, after: int | None, *signers: int) -> Statement:
    promised = None if after is None else key_commitment(_key(after).public)
    iri = f"urn:uuid:55555555-5555-4555-8555-{number:012d}"
    made = KeyChange(iri, ORIGIN, role, _key(old).public, _key(new).public, NOW, promised)
    return issue(made.document(), _key(signers[0]), NOW, *(_key(signer) for signer in signers[1:]))


def key_history() -> Any:
    """One good log, and what is refused after it."""
    identity, log = KeyRole.IDENTITY, KeyRole.LOG
    described = LogDescription(
        "urn:uuid:11111111-1111-4111-8111-111111111111",
        VerifierKey(ORIGIN, _key(20).public),
        _key(10).public,
        "Museum of Examples",
        NOW,
        key_commitment(_key(11).public),
        key_commitment(_key(21).public),
    )
    void = KeyRevocation(
        "urn:uuid:66666666-6666-4666-8666-666666666666", ORIGIN, identity, _key(10).public, 2, NOW
    )
    good = [
        (0, issue(described.document(), _key(10), NOW)),
        (3, _change(1, identity, 10, 11, 12, 10, 11)),
        (5, _change(2, log, 20, 21, None, 11)),
        (6, issue(void.document(), _key(11), NOW, _key(12))),
    ]
    refused = {
        "a change to a key that was not committed to": _change(3, identity, 11, 13, None, 11, 13),
        "a change by a former key": _change(4, identity, 11, 12, None, 10, 12),
        "a change that the new key did not sign": _change(5, identity, 11, 12, None, 11),
        "a change of a key that is not active": _change(6, log, 20, 22, None, 11),
    }
    lone = KeyRevocation(
        "urn:uuid:77777777-7777-4777-8777-777777777777", ORIGIN, log, _key(20).public, 1, NOW
    )
    refused["a revocation that the next identity key did not sign"] = issue(lone.document(), _key(11), NOW)
    history = KeyHistory.begin(good[0][1])
    for index, statement in good[1:]:
        history = history.advance(index, statement)
    return {
        "description": "Key statements by leaf index, the key of each place, and what is refused at leaf 7.",
        "statements": [{"index": index, "statement": statement.raw.decode()} for index, statement in good],
        "identities": [history.identity_at(index).did for index in range(8)],
        "counts": [history.counts(history.identity_at(index), index) for index in range(8)],
        "logKeys": [str(history.log_key_at(size)) for size in range(8)],
        "refused": [{"case": name, "statement": each.raw.decode()} for name, each in refused.items()],
    }  # fmt: skip


TOPICS = {"witness": witness, "key_history": key_history}


def generate(topic: str) -> str:
    """The text of one file of vectors."""
    return json.dumps(TOPICS[topic](), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for topic in TOPICS:
        (FOLDER / f"{topic}.json").write_text(generate(topic), "utf-8")
