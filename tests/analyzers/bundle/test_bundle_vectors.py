"""The vectors of bundles are what this program makes, and what a validator of JSON Schema says of them."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from analyzers.bundle.manifest import read_bundle
from analyzers.code import entry_module
from analyzers.errors import UnsuitableBundle, UnsuitableCode
from hashstore.canonical import canonical_json


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (project_root / "spec" / "vectors" / "bundles.json").read_text("utf-8")
    )
    return found


def test_made_anew_the_vectors_are_the_same(project_root: Path, vectors: dict[str, Any]) -> None:
    path = project_root / "spec" / "vectors" / "generate_bundles.py"
    spec = importlib.util.spec_from_file_location("generate_bundles", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.vectors() == vectors


def test_manifests_have_their_digests_and_fit_the_schema(vectors: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(vectors["schema"])
    for one in vectors["manifests"]:
        assert read_bundle(canonical_json(one["manifest"])).digest.uri == one["digest"]
        Draft202012Validator(vectors["schema"]).validate(one["manifest"])


def test_malformed_ones_are_refused(vectors: dict[str, Any]) -> None:
    for one in vectors["malformed"]:
        with pytest.raises(UnsuitableBundle):
            read_bundle(canonical_json(one))


def test_the_entry_of_code_is_found_or_refused(vectors: dict[str, Any]) -> None:
    for one in vectors["code"]:
        if one["entry"] is None:
            with pytest.raises(UnsuitableCode):
                entry_module(one["sources"])
        else:
            assert entry_module(one["sources"]) == one["entry"]
