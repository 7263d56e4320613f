"""The committed vectors are what the code makes, and what they say holds when read as a stranger would."""

import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import rfc8785

from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from manifests.errors import FilterRefused, InvalidRowProof, MalformedAddress
from manifests.filter import matches, parse_filter, read_filter, written
from manifests.holdings import decode_places
from manifests.proof import RowProof, verify_row
from manifests.row_uri import RowUri
from manifests.source_row import SourceFile, SourceRow
from manifests.tables import TABLES

FOLDER = Path(__file__).parents[2] / "spec" / "vectors"
NAMES = ["segments_schemas", "rows", "segments_roots", "row_proof", "segments_addresses"]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_segments", FOLDER / "generate_segments.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def committed(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="ascii"))


@pytest.mark.parametrize("name", NAMES)
def test_the_generator_makes_what_is_committed(name: str, generator: ModuleType) -> None:
    assert json.loads(json.dumps(generator.VECTORS[f"{name}.json"]())) == committed(name)


def test_rows_are_canonical_json_of_what_they_hold() -> None:
    for case in committed("rows")["cases"]:
        members = {}
        for name, value in case["row"].items():
            kind = TABLES[case["table"]].column(name).type
            if value is not None:
                members[name] = (
                    json.loads(value)
                    if kind == "json"
                    else f"hash://sha256/{value}"
                    if kind == "digest"
                    else value
                )
        canonical = rfc8785.dumps(members)
        assert case["canonical"].encode() == canonical
        assert case["leafHash"] == hashlib.sha256(b"\0" + canonical).hexdigest()


def test_roots_are_those_of_the_first_rows() -> None:
    vectors = committed("segments_roots")
    hashes = [leaf_hash(row.encode()) for row in vectors["canonicalRows"]]
    for case in vectors["cases"]:
        assert Digest(merkle_root(hashes[: case["rows"]])).uri == case["rowsRoot"]


def test_just_the_valid_proofs_are_accepted() -> None:
    for case in committed("row_proof")["cases"]:
        proof = RowProof.from_document(case["proof"])
        if case["valid"]:
            verify_row(proof)
        else:
            with pytest.raises(InvalidRowProof):
                verify_row(proof)


def test_addresses_are_read_as_their_parts() -> None:
    vectors = committed("segments_addresses")
    for case in vectors["rowUris"]:
        uri = RowUri.parse(case["uri"])
        assert (uri.segment.uri, uri.row, uri.index) == (case["segment"], case["row"], case["index"])
    for case in vectors["sourceRows"]:
        file = SourceFile(Digest.parse(case["digest"]), tuple(case["schemes"]), tuple(case["members"]))
        assert SourceRow.parse(case["address"]) == SourceRow(file, case["first"], case["last"])
    for text in vectors["notRowUris"]:
        with pytest.raises(MalformedAddress):
            RowUri.parse(text)
    for text in vectors["notSourceRows"]:
        with pytest.raises(MalformedAddress):
            SourceRow.parse(text)


def test_the_generator_of_commitments_prints_what_is_committed() -> None:
    """Its vectors are made without any code of ours; `test_commitment.py` holds ours against them."""
    name = "commitments"
    made = subprocess.run(
        [sys.executable, str(FOLDER / f"generate_{name}.py")],
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert json.loads(made.stdout) == json.loads((FOLDER / "commitments.json").read_text(encoding="utf-8"))


def _generator(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"generate_{name}", FOLDER / f"generate_{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["slices", "filters", "checklists"])
def test_a_generator_of_filters_makes_what_is_committed(name: str) -> None:
    assert json.loads(json.dumps(_generator(name).vectors())) == committed(name)


def test_either_form_of_a_filter_means_what_the_vectors_say() -> None:
    vectors = committed("filters")
    for case in vectors["filters"]:
        for text in (case["text"], case["filter"], case["written"]):
            tree = read_filter(text)
            assert [matches(tree, **row) for row in vectors["rows"]] == case["fits"]
            assert written(tree) == case["written"]
    for case in vectors["refused"]:
        with pytest.raises(FilterRefused) as caught:
            read_filter(case["text"])
        assert caught.value.where == case["where"]


def test_filters_hold_just_where_the_vectors_say() -> None:
    vectors = committed("slices")
    for case in vectors["filters"]:
        tree = parse_filter(case["filter"])
        assert rfc8785.dumps(json.loads(case["filter"])).decode() == case["filter"]
        assert [matches(tree, **row) for row in vectors["rows"]] == case["fits"]
    for case in vectors["refused"]:
        with pytest.raises(FilterRefused) as caught:
            parse_filter(case["text"])
        assert caught.value.where == case["where"]


def test_member_lists_are_sorted_digests_under_their_root() -> None:
    for case in committed("slices")["members"]:
        raw = sorted(hashlib.sha256(str(number).encode()).digest() for number in range(case["count"]))
        assert case["list"] == b"".join(raw).hex()
        assert case["membersRoot"] == Digest(merkle_root([leaf_hash(one) for one in raw])).uri
        assert case["memberList"] == Digest.of(bytes.fromhex(case["list"])).uri


def test_bitmaps_are_read_as_their_places() -> None:
    for case in committed("slices")["bitmaps"]:
        assert list(decode_places(bytes.fromhex(case["bitmap"]), case["members"])) == case["places"]
