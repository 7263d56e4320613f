"""Annotations, findings and agents have one name each, and the vectors hold in any language."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.annotations import Subject, annotation_name, is_agent, parse_subject
from manifests.errors import InvalidRow

DIGEST = Digest.of(b"something")


@pytest.fixture(scope="module")
def vectors(project_root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((project_root / "spec/vectors/annotations.json").read_text("utf-8"))
    return found


def test_made_anew_the_vectors_are_the_same(project_root: Path, vectors: dict[str, Any]) -> None:
    path = project_root / "spec" / "vectors" / "generate_annotations.py"
    spec = importlib.util.spec_from_file_location("generate_annotations", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert generator.vectors() == vectors


def test_an_annotation_is_named_by_the_digest_of_its_content(vectors: dict[str, Any]) -> None:
    for one in vectors["annotations"]:
        text = json.dumps(one["content"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert f"hash://sha256/{hashlib.sha256(text.encode()).hexdigest()}" == one["name"]
        assert one["row"] == {**one["content"], "annotation": one["name"]}
        given = {**one["row"], "annotation": b"0" * 32, "digest": Digest.parse(one["row"]["digest"]).raw}
        assert annotation_name(given).uri == one["name"]


def test_agents_and_subjects_are_taken_and_refused_as_the_vectors_say(vectors: dict[str, Any]) -> None:
    assert all(is_agent(text) for text in vectors["agents"])
    assert not any(is_agent(text) for text in vectors["refusedAgents"])
    for one in vectors["subjects"]:
        assert parse_subject(one["text"]) == Subject(Digest.parse(one["digest"]), one["place"])
    for text in vectors["malformedSubjects"]:
        with pytest.raises(InvalidRow, match="neither a finding nor an annotation"):
            parse_subject(text)


@given(st.binary(min_size=32, max_size=32), st.none() | st.integers(1, 999_999_999))
def test_a_subject_is_read_back_as_it_was_written(raw: bytes, place: int | None) -> None:
    subject = Subject(Digest(raw), place)
    assert parse_subject(subject.text) == subject


@given(st.text(max_size=90))
def test_whatever_is_no_subject_is_refused_and_no_agent_is_a_mail_address(text: str) -> None:
    assert not ("@" in text and is_agent(text))
    with suppress(InvalidRow):
        assert parse_subject(text).text == text


def test_a_value_that_fits_no_column_has_no_name() -> None:
    with pytest.raises(InvalidRow, match="digest"):
        annotation_name({"digest": "none"})
