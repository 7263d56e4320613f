"""The vectors of spec/witness.md and spec/keys.md, read as another program would read them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provenance.cosignature import Algorithm, CosignerKey
from provenance.errors import BadKeyChange, BadRequest
from provenance.key_history import fold_history
from provenance.keys import VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead, open_checkpoint, parse_checkpoint_text
from provenance.log.note import parse_note
from provenance.statement import parse_statement
from provenance.witness import (
    Known,
    WitnessPolicy,
    check_equivocation,
    decide,
    decode_equivocation,
    parse_request,
)


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "spec" / "vectors"


@pytest.fixture(scope="module")
def generator(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_witness", folder / "generate_witness.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read(folder: Path, topic: str) -> Any:
    return json.loads((folder / f"{topic}.json").read_text("utf-8"))


@pytest.mark.parametrize("topic", ["witness", "key_history"])
def test_the_generator_gives_the_committed_vectors(folder: Path, generator: ModuleType, topic: str) -> None:
    assert generator.generate(topic) == (folder / f"{topic}.json").read_text("utf-8")


def test_the_cosignatures_hold(folder: Path) -> None:
    ed25519, ml_dsa = read(folder, "witness")["cosignatures"]
    note = parse_note(ed25519["checkpoint"].encode())
    checkpoint = parse_checkpoint_text(note.text)
    key = CosignerKey.parse(ed25519["verifierKey"])
    assert key.verify(note.signatures[-1], checkpoint) == ed25519["time"]
    assert key.message(checkpoint, ed25519["time"]).hex() == ed25519["message"]
    other = CosignerKey(ml_dsa["name"], Algorithm.ML_DSA_44, bytes(1312))
    assert (
        other.message(parse_checkpoint_text(ml_dsa["checkpointText"]), ml_dsa["time"]).hex()
        == ml_dsa["message"]
    )


def test_the_requests_are_answered_so(folder: Path) -> None:
    vectors = read(folder, "witness")
    key = VerifierKey.parse(vectors["logKey"])
    heads = {0: EMPTY_HEAD}
    for case in vectors["requests"]:
        if case["status"] == 200:
            found = parse_request(case["request"].encode()).checkpoint.head
            heads[found.size] = found
    for case in vectors["requests"]:
        held = heads.get(case["held"], TreeHead(case["held"], bytes(32)))
        try:
            decision = decide(parse_request(case["request"].encode()), Known((key,), held))
            assert (decision.status, case.get("body", decision.body)) == (case["status"], decision.body), case
        except BadRequest:
            assert case["status"] == 400


def test_the_policies_judge_so(folder: Path) -> None:
    for case in read(folder, "witness")["policies"]:
        judged = WitnessPolicy.parse(case["keys"], case["threshold"]).judge(case["checkpoint"].encode())
        assert judged.strong is case["strong"]


def test_the_proofs_of_equivocation_hold(folder: Path) -> None:
    vectors = read(folder, "witness")
    key = VerifierKey.parse(vectors["logKey"])
    proofs = [decode_equivocation(text.encode()) for text in vectors["equivocations"]]
    assert [proof.split is None for proof in proofs] == [True, False]
    for proof in proofs:
        assert check_equivocation(proof, lambda data: open_checkpoint(data, key)) == key.name


def test_the_key_history_is_that_of_the_vectors(folder: Path) -> None:
    vectors = read(folder, "key_history")
    (first, *rest) = [
        (case["index"], parse_statement(case["statement"].encode())) for case in vectors["statements"]
    ]
    history = fold_history(first[1], rest)
    for index, did in enumerate(vectors["identities"]):
        assert history.identity_at(index).did == did
        assert history.counts(history.identity_at(index), index) is vectors["counts"][index]
        assert str(history.log_key_at(index)) == vectors["logKeys"][index]
    for case in vectors["refused"]:
        with pytest.raises(BadKeyChange):
            history.advance(7, parse_statement(case["statement"].encode()))
