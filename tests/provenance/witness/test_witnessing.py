"""What a witness answers, case by case as C2SP tlog-witness lists them, and cosignatures of both kinds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.merkle import EMPTY_ROOT, consistency_path, leaf_hashes, merkle_root
from provenance import post_quantum
from provenance.cosignature import Algorithm, Cosigner, CosignerKey, cosignatures
from provenance.errors import BadRequest, BadSignature, MalformedKey
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint, parse_checkpoint_text
from provenance.log.log import Log
from provenance.log.note import Note, parse_note
from provenance.post_quantum import PostQuantumKey
from provenance.witness import Known, WitnessPolicy, decide, encode_request, parse_request

ORIGIN = "museum.example/log"
LOG = SigningKey(b"l" * 32)
KEY = VerifierKey(ORIGIN, LOG.public)
LEAVES = [b"%d" % n for n in range(40)]
HASHES = leaf_hashes(LEAVES)
NOW = 1_700_000_000
with_ml_dsa = pytest.mark.skipif(not post_quantum.available(), reason="cryptography offers no ML-DSA-44")


def head(size: int, fork: bool = False) -> TreeHead:
    leaves = [*HASHES[: size - 1], bytes(32)] if fork else HASHES[:size]
    return TreeHead(size, merkle_root(leaves) if size else EMPTY_ROOT)


def checkpoint(size: int, fork: bool = False, key: SigningKey = LOG) -> bytes:
    return Checkpoint(ORIGIN, head(size, fork)).sign(key)


def status(old: int, size: int, held: int, **changes: object) -> int:
    proof = changes.get("proof", consistency_path(HASHES[:size], old) if 0 < old < size else ())
    body = encode_request(old, proof, changes.get("note", checkpoint(size)))  # type: ignore[arg-type]
    return decide(parse_request(body), Known((KEY,), head(held))).status


def test_each_answer_of_the_specification() -> None:
    assert decide(parse_request(encode_request(0, (), checkpoint(3))), None).status == 404
    assert status(0, 3, 0, note=checkpoint(3, key=SigningKey(bytes(32)))) == 403
    assert status(5, 3, 5) == 400
    assert status(0, 3, 2) == 409
    assert status(0, 3, 0, proof=(bytes(32),)) == 422
    assert status(2, 7, 2, proof=(bytes(32),)) == 422
    assert status(7, 7, 7, note=checkpoint(7, fork=True)) == 422
    assert status(0, 0, 0, note=Checkpoint(ORIGIN, TreeHead(0, bytes(32))).sign(LOG)) == 422
    assert [status(0, 0, 0), status(0, 7, 0), status(3, 7, 3), status(7, 7, 7)] == [200] * 4


def test_a_conflict_tells_the_size_and_nothing_else() -> None:
    decision = decide(parse_request(encode_request(0, (), checkpoint(9))), Known((KEY,), head(5)))
    assert (decision.status, decision.body, decision.content_type) == (409, "5\n", "text/x.tlog.size")


def test_a_known_key_that_signed_wrongly_is_forbidden_beside_a_right_line() -> None:
    note = parse_note(checkpoint(3))
    second = SigningKey(b"2" * 32)
    key = VerifierKey(ORIGIN, second.public)
    broken = Note(note.text, (*note.signatures, parse_note(checkpoint(4, key=second)).signatures[0]))
    request = parse_request(encode_request(0, (), broken.encode()))
    assert decide(request, Known((KEY, key))).status == 403
    assert decide(request, Known((KEY,))).status == 200


def test_another_root_of_the_size_held_is_told_whatever_the_answer_is() -> None:
    for old, expected in ((7, 422), (0, 409)):
        request = parse_request(encode_request(old, (), checkpoint(7, fork=True)))
        decision = decide(request, Known((KEY,), head(7)))
        assert (decision.status, decision.contradicts) == (expected, True)
    request = parse_request(encode_request(7, (), checkpoint(7)))
    assert not decide(request, Known((KEY,), head(7))).contradicts


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_witness_goes_from_what_it_holds_to_what_continues_it_and_nowhere_else(
    old: int, size: int, held: int
) -> None:
    answer = status(old, size, held)
    assert (answer == 200) == (old == held <= size)


@given(st.binary(max_size=200))
def test_a_body_is_read_in_one_form_or_not_at_all(data: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_request(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"old 2", b"old 02"),
        lambda body: body.replace(b"old 2", b"old -2"),
        lambda body: body.replace(b"old 2", b"old " + b"9" * 16),
        lambda body: body.replace(b"old 2", b"new 2"),
        lambda body: body.replace(b"\n\n", b"\n", 1),
        lambda body: body.replace(b"=\n", b"\n", 1),
        lambda body: body.replace(b"old 2\n", b"old 2\n" + b"A" * 43 + b"=\n" * 64),
        lambda body: body.replace(b"old 2\n", b"old 2\n" + (b"A" * 43 + b"=\n") * 64),
        lambda body: body + b"x",
        lambda body: body + b"x" * 200_000,
    ],
)
def test_a_body_in_another_form_is_refused(change: object) -> None:
    assert callable(change)
    body = encode_request(2, consistency_path(HASHES[:7], 2), checkpoint(7))
    request = parse_request(body)
    assert encode_request(request.old_size, request.proof, request.note.encode()) == body
    with pytest.raises(BadRequest):
        parse_request(change(body))


def test_the_cosignature_of_the_specification_reads_as_written() -> None:
    """The signed message of tlog-cosignature's own example, to the byte."""
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    line = (
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin"
        "1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    (signature,) = parse_note(f"{text}\n{line}".encode()).signatures
    assert int.from_bytes(signature.signature[:8]) == 1679315147
    key = Cosigner("witness.example.com/w1", LOG).key
    found = parse_checkpoint_text(text)
    assert key.message(found, 1679315147).decode() == f"cosignature/v1\ntime 1679315147\n{text}"


@pytest.mark.parametrize(
    "secret", [SigningKey(b"w" * 32), pytest.param(PostQuantumKey(b"w" * 32), marks=with_ml_dsa)]
)
def test_a_cosignature_holds_for_its_checkpoint_and_for_no_other(secret: SigningKey | PostQuantumKey) -> None:
    cosigner = Cosigner("witness.example", secret)
    assert CosignerKey.parse(str(cosigner.key)) == cosigner.key
    seven = Checkpoint(ORIGIN, head(7))
    line = cosigner.cosign(seven, NOW)
    assert cosigner.key.verify(line, seven) == NOW
    others = (Checkpoint(ORIGIN, head(8)), Checkpoint(ORIGIN, head(7, fork=True)), Checkpoint("x", head(7)))
    for other in others:
        with pytest.raises(BadSignature):
            cosigner.key.verify(line, other)
    for changed in (
        line.signature[:8],
        b"\xff" + line.signature[1:],
        (NOW + 1).to_bytes(8) + line.signature[8:],
    ):
        with pytest.raises(BadSignature):
            cosigner.key.verify(type(line)(line.name, line.key_id, changed), seven)
    note = Note(seven.text, (*parse_note(checkpoint(7)).signatures, line)).encode()
    assert open_checkpoint(note, KEY) == seven
    (found,) = cosignatures(parse_note(note), seven, [cosigner.key])
    assert (found.key, found.timestamp) == (cosigner.key, NOW)


@with_ml_dsa
def test_the_ml_dsa_message_is_that_of_the_specification() -> None:
    key = CosignerKey("w", Algorithm.ML_DSA_44, bytes(1312))
    message = key.message(Checkpoint("log", TreeHead(258, b"r" * 32)), 5)
    expected = b"subtree/v1\n\0" + b"\x01w" + (5).to_bytes(8) + b"\x03log" + bytes(8) + (258).to_bytes(8)
    assert message == expected + b"r" * 32
    with pytest.raises(BadSignature, match="255"):
        key.message(Checkpoint("é" * 200, TreeHead(1, bytes(32))), 5)


@pytest.mark.parametrize(
    "text",
    ["", "a+b", "w+00000000+AA==", "w+00000000+BAAA", f"w+00000000+{str(KEY).split('+', 2)[2]}", "+x+BA=="],
)
def test_a_text_that_is_no_key_of_a_witness_is_refused(text: str) -> None:
    with pytest.raises(MalformedKey):
        CosignerKey.parse(text)


def cosigned(*numbers: int, now: int = NOW) -> bytes:
    lines = [
        Cosigner(f"w{n}.example", SigningKey(bytes([n]) * 32)).cosign(Checkpoint(ORIGIN, head(7)), now + n)
        for n in numbers
    ]
    note = parse_note(checkpoint(7))
    return Note(note.text, (*note.signatures, *lines)).encode()


def policy(*numbers: int, threshold: int) -> WitnessPolicy:
    keys = [str(Cosigner(f"w{n}.example", SigningKey(bytes([n]) * 32)).key) for n in numbers]
    return WitnessPolicy.parse(keys, threshold)


def test_two_of_three_witnesses_make_a_checkpoint_strong() -> None:
    two_of_three = policy(1, 2, 3, threshold=2)
    for numbers, strong in (
        ((), False),
        ((1,), False),
        ((1, 3), True),
        ((1, 2, 3), True),
        ((1, 4, 5), False),
    ):
        assert two_of_three.judge(cosigned(*numbers)).strong == strong
    assert [each.timestamp - NOW for each in two_of_three.judge(cosigned(3, 1)).by] == [1, 3]
    assert not two_of_three.judge(cosigned(1, 1, 1)).strong


def test_a_witness_with_a_broken_line_makes_the_note_malformed() -> None:
    with pytest.raises(BadSignature):
        policy(1, threshold=1).judge(cosigned(1).replace(b"\n7\n", b"\n8\n"))


def test_a_policy_that_cannot_be_met_or_counts_a_key_twice_is_refused() -> None:
    for threshold in (0, 4, -1):
        with pytest.raises(MalformedKey):
            policy(1, 2, 3, threshold=threshold)
    one = Cosigner("w1.example", SigningKey(b"1" * 32)).key
    other = CosignerKey("w2.example", one.algorithm, one.raw)
    with pytest.raises(MalformedKey, match="twice"):
        WitnessPolicy(frozenset({one, other}), 1)


@with_ml_dsa
def test_a_log_signs_with_both_algorithms_and_readers_of_one_still_verify(tmp_path: Path) -> None:
    second = Cosigner(ORIGIN, PostQuantumKey(b"q" * 32))
    log = Log(tmp_path / "log", ORIGIN, LOG, further=[lambda checkpoint: second.cosign(checkpoint, 0)])
    log.append(LEAVES)
    data = log.signed_checkpoint()
    assert data is not None
    assert open_checkpoint(data, KEY).head == head(40)
    assert len(cosignatures(parse_note(data), open_checkpoint(data, KEY), [second.key])) == 1
