"""Two heads that cannot both be true make a proof, whatever their sizes; two that can make none."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.errors import BadSignature, CorruptLog, NoContradiction
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint
from provenance.log.files import LogFolder
from provenance.log.log import Log
from provenance.log.tree import TileTree
from provenance.witness import (
    EquivocationProof,
    check_equivocation,
    contradiction,
    decode_equivocation,
    encode_equivocation,
)

ORIGIN = "museum.example/log"
LOG = SigningKey(b"l" * 32)
KEY = VerifierKey(ORIGIN, LOG.public)


def open_signed(data: bytes) -> Checkpoint:
    return open_checkpoint(data, KEY)


def grown(folder: Path, leaves: list[bytes]) -> bytes:
    log = Log(folder, ORIGIN, LOG)
    log.append(leaves)
    data = log.signed_checkpoint()
    assert data is not None
    return data


def compared(mine: list[bytes], other: list[bytes]) -> EquivocationProof | None:
    with TemporaryDirectory() as name:
        folders = [Path(name, "a"), Path(name, "b")]
        notes = [grown(folder, leaves) for folder, leaves in zip(folders, (mine, other), strict=True)]
        heads = [open_signed(note).head for note in notes]

        def trees(head: TreeHead) -> TileTree:
            return TileTree(LogFolder(folders[heads.index(head)]), head.size)

        proof = contradiction(notes[0], notes[1], open_signed, trees)
        assert proof == contradiction(notes[1], notes[0], open_signed, trees)
        return proof


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 600), st.integers(1, 600), st.data())
def test_logs_that_part_anywhere_are_proved_to_and_others_are_not(
    mine: int, other: int, data: st.DataObject
) -> None:
    fork = data.draw(st.integers(0, max(mine, other)))
    first = [b"%d" % n for n in range(mine)]
    second = [b"%d%s" % (n, b"" if n < fork else b"'") for n in range(other)]
    proof = compared(first, second)
    assert (proof is None) == (fork >= min(mine, other))
    if proof is not None:
        assert check_equivocation(proof, open_signed) == ORIGIN
        assert decode_equivocation(encode_equivocation(proof)) == proof
        assert len(encode_equivocation(proof)) < 4_000
        if proof.split is not None:
            assert proof.split.index == fork


@pytest.fixture(scope="module")
def split() -> EquivocationProof:
    proof = compared([b"a", b"b", b"c"], [b"a", b"x", b"c", b"d", b"e"])
    assert proof is not None
    return proof


@pytest.fixture(scope="module")
def same_size() -> EquivocationProof:
    proof = contradiction(signed(3, b"a"), signed(3, b"b"), open_signed)
    assert proof is not None
    return proof


def signed(size: int, root: bytes, key: SigningKey = LOG, origin: str = ORIGIN) -> bytes:
    return Checkpoint(origin, TreeHead(size, root * 32)).sign(key)


def test_a_witness_line_does_not_change_the_proof(same_size: EquivocationProof) -> None:
    line = "— witness.example YWJjZGVlZWVlZWU=\n".encode()
    assert contradiction(signed(3, b"b") + line, signed(3, b"a"), open_signed) == same_size


def test_heads_of_different_size_without_tiles_prove_nothing() -> None:
    assert contradiction(signed(3, b"a"), signed(4, b"b"), open_signed) is None
    assert contradiction(signed(3, b"a"), signed(3, b"a"), open_signed) is None


def test_tiles_that_do_not_lead_to_the_heads_prove_nothing(tmp_path: Path) -> None:
    mine, other = grown(tmp_path / "a", [b"a", b"b"]), signed(3, b"x")
    with pytest.raises(CorruptLog, match="do not lead"):
        contradiction(mine, other, open_signed, lambda head: TileTree(LogFolder(tmp_path / "a"), 2))


def test_a_checkpoint_that_the_log_did_not_sign_proves_nothing(split: EquivocationProof) -> None:
    stranger = SigningKey(bytes(32))
    with pytest.raises(BadSignature):
        contradiction(signed(3, b"a"), signed(3, b"b", stranger), open_signed)
    with pytest.raises(BadSignature):
        check_equivocation(split, lambda data: open_checkpoint(data, VerifierKey(ORIGIN, stranger.public)))


def _set(*path: Any, to: Any) -> Any:
    def change(document: Any) -> None:
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to(place[path[-1]]) if callable(to) else to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("leaf", "index", to=0),
        _set("leaf", "index", to=4),
        _set("leaf", "hashes", to=lambda old: [old[0], old[0]]),
        _set("leaf", "paths", 0, 0, to="00" * 32),
        _set("leaf", "paths", 1, to=[]),
        _set("checkpoints", to=lambda old: [old[1], old[0]]),
        _set("checkpoints", to=lambda old: [old[0], old[0]]),
        _set("checkpoints", to=lambda old: old[:1]),
        _set("format", to="vasculum-equivocation/2"),
        _set("origin", to="other.example"),
        _set("leaf", to=7),
        _set("leaf", "index", to="1"),
        _set("leaf", "paths", to=[]),
        lambda document: document.pop("leaf"),
        lambda document: document.update(zebra=1),
    ],
)
def test_a_changed_proof_proves_nothing(split: EquivocationProof, change: Any) -> None:
    from hashstore.canonical import canonical_json

    document = json.loads(encode_equivocation(split))
    change(document)
    with pytest.raises(NoContradiction):
        check_equivocation(decode_equivocation(canonical_json(document) + b"\n"), open_signed)


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[]\n", b"x" * 70_000])
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(NoContradiction):
        decode_equivocation(data)


def test_two_checkpoints_of_two_logs_contradict_nothing() -> None:
    proof = EquivocationProof((signed(3, b"a"), signed(3, b"b", origin="other.example")))
    other = VerifierKey("other.example", LOG.public)
    with pytest.raises(NoContradiction, match="two logs"):
        check_equivocation(proof, lambda data: open_checkpoint(data, KEY, other))
