from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provenance.citation import TrustedKeys, unpack_bundle, verify_bundle
from provenance.keys import SigningKey, parse_public_key
from provenance.log.checkpoint import open_checkpoint
from provenance.log.leaf import decode_leaf
from provenance.statement import parse_statement, verify_statement

TOPICS = ["keys", "leaf", "log", "statements", "citation"]


@pytest.fixture(scope="module")
def folder(project_root: Path) -> Path:
    return project_root / "spec" / "vectors"


@pytest.fixture(scope="module")
def generator(folder: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_provenance", folder / "generate_provenance.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(folder: Path, topic: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / f"{topic}.json").read_text("utf-8"))["cases"]
    return found


@pytest.mark.parametrize("topic", TOPICS)
def test_the_generator_gives_the_committed_vectors(folder: Path, generator: ModuleType, topic: str) -> None:
    assert generator.generate(topic) == (folder / f"{topic}.json").read_text("utf-8")


def test_the_key_vectors_hold(folder: Path) -> None:
    for case in cases(folder, "keys"):
        key = SigningKey(bytes.fromhex(case["seed"])).public
        assert all(
            parse_public_key(case[form]) == key for form in ("did", "multibase", "vkey", "verificationMethod")
        )


def test_the_statement_vectors_hold(folder: Path) -> None:
    for case in cases(folder, "statements"):
        statement = parse_statement(case["signed"].encode())
        assert len(verify_statement(statement)) == 2
        assert statement.unsigned == case["unsigned"]


def test_the_log_vectors_hold(folder: Path, generator: ModuleType) -> None:
    for case in cases(folder, "log"):
        checkpoint = open_checkpoint(case["checkpoint"].encode(), generator.DESCRIPTION.log_key)
        assert checkpoint.head.size == case["size"]
    for case in cases(folder, "leaf"):
        assert decode_leaf(case["leaf"].encode()).encode() == case["leaf"].encode()


def test_the_citation_vectors_hold(folder: Path, generator: ModuleType) -> None:
    trust = TrustedKeys.parse([generator.IDENTITY.public.did])
    for case in cases(folder, "citation"):
        assert verify_bundle(case["bundle"].encode(), trust).outcome.value == case["outcome"] == "verified"


def test_the_checkpoint_in_the_specification_is_that_of_the_vectors(project_root: Path, folder: Path) -> None:
    shown = (project_root / "spec" / "log.md").read_text("utf-8").split("```\n")
    assert [case["checkpoint"] for case in cases(folder, "log") if case["size"] == 3] == [
        block for block in shown if block.startswith("museum.example/log\n3\n")
    ]


def test_the_packed_vectors_hold(folder: Path) -> None:
    said = json.loads((folder / "citation.json").read_text("utf-8"))
    (whole,) = (case["bundle"] for case in said["cases"] if case["kind"] == "snapshot")
    for case in said["packed"]:
        data = bytes.fromhex(case["file"])
        assert (verify_bundle(data, TrustedKeys()).broken is None) == case["holds"], case["what"]
        if case["holds"]:
            assert unpack_bundle(data) == gzip.decompress(data) == whole.encode()
