"""The vectors of analyzers.md hold for what a reader in any language would do: JSON, sorted, hashed."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from analyzers.errors import MalformedRegion
from analyzers.region import parse_region


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (project_root / "spec" / "vectors" / "analyzers.json").read_text("utf-8")
    )
    return found


def named(document: Any) -> str:
    """The digest of a document of plain ASCII names: sorted, without spaces, in UTF-8 (RFC 8785)."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"hash://sha256/{hashlib.sha256(text.encode()).hexdigest()}"


def test_made_anew_the_vectors_are_the_same(project_root: Path, vectors: dict[str, Any]) -> None:
    path = project_root / "spec" / "vectors" / "generate_analyzers.py"
    spec = importlib.util.spec_from_file_location("generate_analyzers", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.vectors() == vectors


def test_names_are_digests_of_canonical_json(vectors: dict[str, Any]) -> None:
    for one in vectors["identities"]:
        assert named(one["document"]) == one["digest"]
    for one in vectors["parameters"]:
        assert named(one["parameters"]) == one["digest"]
    for one in (*vectors["keys"], *vectors["outputs"]):
        name = "key" if "key" in one else "digest"
        assert named({member: value for member, value in one.items() if member != name}) == one[name]


def test_regions_are_read_and_refused_as_the_vectors_say(vectors: dict[str, Any]) -> None:
    for one in vectors["regions"]:
        region = parse_region(one["text"])
        assert (region.bounds.text if region.bounds else None) == one["bounds"]
    for text in vectors["malformedRegions"]:
        with pytest.raises(MalformedRegion):
            parse_region(text)
