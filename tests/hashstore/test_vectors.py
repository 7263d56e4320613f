"""The golden vectors of `spec/vectors/` are those that their generators print, and we agree with them."""

from __future__ import annotations

import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hashstore.canonical import canonical_json, parse_json
from hashstore.digest import Digest
from hashstore.errors import MalformedDigest, MalformedJson
from hashstore.merkle import (
    MerkleAccumulator,
    consistency_path,
    inclusion_path,
    leaf_hashes,
    merkle_root,
    verify_consistency,
    verify_inclusion,
)
from hashstore.pieces import check_piece, piece_hashes, pieces_of_hashes

VECTORS = Path(__file__).resolve().parents[2] / "spec" / "vectors"


def _vectors(topic: str) -> Any:
    return json.loads((VECTORS / f"{topic}.json").read_text("utf-8"))


@pytest.mark.parametrize("topic", ["identifiers", "canonical_json", "merkle"])
def test_the_generator_prints_what_is_committed(topic: str) -> None:
    arguments = [sys.executable, "-X", "utf8", "-I", str(VECTORS / f"generate_{topic}.py")]
    printed = subprocess.run(arguments, capture_output=True, check=True).stdout
    assert printed == (VECTORS / f"{topic}.json").read_bytes()


@pytest.mark.parametrize("case", _vectors("identifiers")["cases"], ids=lambda case: f"{case['size']} bytes")
def test_every_form_of_a_digest_is_read_and_printed(case: Any) -> None:
    digest = Digest.parse(case["forms"]["hex"])
    for form, text in case["forms"].items():
        assert getattr(digest, form) == text
        assert Digest.parse(text) == digest
    for text in case["alsoRead"].values():
        assert Digest.parse(text) == digest


@pytest.mark.parametrize("case", _vectors("identifiers")["refused"], ids=lambda case: case["about"])
def test_what_is_no_digest_is_refused(case: Any) -> None:
    with pytest.raises(MalformedDigest):
        Digest.parse(case["text"])


@pytest.mark.parametrize("case", _vectors("canonical_json")["cases"], ids=lambda case: case["about"])
def test_every_document_has_its_canonical_form(case: Any) -> None:
    assert canonical_json(parse_json(case["input"].encode())) == case["canonical"].encode()
    assert canonical_json(parse_json(case["canonical"].encode())) == case["canonical"].encode()


@pytest.mark.parametrize("case", _vectors("canonical_json")["refused"], ids=lambda case: case["about"])
def test_what_has_no_canonical_form_is_refused(case: Any) -> None:
    with pytest.raises(MalformedJson):
        parse_json(case["input"].encode())


@pytest.mark.parametrize("tree", _vectors("merkle")["trees"], ids=lambda tree: f"{tree['size']} leaves")
def test_every_tree_has_its_root_and_paths(tree: Any) -> None:
    size = tree["size"]
    leaves = leaf_hashes(f"leaf {number}".encode() for number in range(size))
    root = bytes.fromhex(tree["root"])
    accumulator = MerkleAccumulator()
    accumulator.extend(leaves)
    assert merkle_root(leaves) == accumulator.root() == root
    for proof in tree["inclusion"]:
        path = tuple(bytes.fromhex(one) for one in proof["path"])
        assert inclusion_path(leaves, proof["index"]) == path
        verify_inclusion(leaves[proof["index"]], proof["index"], size, path, root)
    for proof in tree["consistency"]:
        path = tuple(bytes.fromhex(one) for one in proof["path"])
        assert consistency_path(leaves, proof["oldSize"]) == path
        verify_consistency(proof["oldSize"], merkle_root(leaves[: proof["oldSize"]]), size, root, path)


def test_pieces_have_their_leaves_roots_and_paths() -> None:
    vectors = _vectors("pieces")
    for case in vectors["cases"]:
        size, hashes = piece_hashes(io.BytesIO(b"a" * case["size"]))
        pieces = pieces_of_hashes(size, hashes)
        assert (pieces.count, pieces.root.uri) == (case["pieces"], case["piecesRoot"])
        assert Digest.of(b"a" * size).uri == case["digest"]
        if hashes:
            assert hashes[0].hex() == case["firstLeafHash"]
            last = pieces.count - 1
            path = tuple(bytes.fromhex(step) for step in case["pathOfLast"])
            check_piece(pieces, last, b"a" * pieces.length(last), path)


def test_the_generator_of_pieces_makes_what_is_committed() -> None:
    spec = importlib.util.spec_from_file_location("generate_pieces", VECTORS / "generate_pieces.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert json.loads(json.dumps(module.vectors())) == _vectors("pieces")
