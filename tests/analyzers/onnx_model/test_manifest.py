"""A manifest is read in TOML or JSON, or refused with a word on what is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.description import Task
from analyzers.errors import UnsuitableModel
from analyzers.onnx_model.analyzer import analyzer_of
from analyzers.onnx_model.folder import given_analyzers
from analyzers.onnx_model.manifest import read_manifest
from hashstore.digest import Digest

_TOML = """
name = "beetle-family"
version = "2.1"
task = "classify"
about = "The family of a pinned beetle."
license = "CC-BY-4.0"
citation = "Someone, 2026"
model = "beetles.onnx"
sha256 = "{digest}"
labels = ["Carabidae", "Cerambycidae"]
terms = {{ Carabidae = "https://www.gbif.org/species/3792" }}
tolerance = "0.001"

[input]
width = 224
height = 192
resize = "crop"
fraction = "0.875"
colours = "BGR"
layout = "NHWC"
mean = [0.485, 0.456, 0.406]
std = ["0.229", "0.224", "0.225"]

[output]
activation = "sigmoid"
"""
_DIGEST = "ab" * 32


def least(**changed: Any) -> dict[str, Any]:
    told = {
        "name": "small", "version": "1", "task": "classify", "about": "Small.", "license": "CC0-1.0",
        "model": "small.onnx", "sha256": _DIGEST, "labels": ["a", "b"], "input": {"width": 8, "height": 8},
        **changed,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def test_a_manifest_in_toml_is_read_whole() -> None:
    data = _TOML.format(digest=_DIGEST).encode()
    found = read_manifest(data)
    assert (found.name, found.version, found.task) == ("beetle-family", "2.1", Task.CLASSIFY)
    assert found.digest == Digest.of(data)
    assert found.network == Digest.parse(_DIGEST)
    assert found.terms == {"Carabidae": "https://www.gbif.org/species/3792"}
    assert found.preparation.mean == (0.485, 0.456, 0.406)
    assert (found.preparation.width, found.preparation.height) == (224, 192)
    described = analyzer_of(data).description
    assert described.determinism.text == "tolerance(0.001)"
    assert {model.name: model.digest for model in described.models} == {
        "manifest": found.digest,
        "network": found.network,
    }


@pytest.mark.parametrize("page", ["docs/analyzers.md", "spec/models.md"])
def test_the_manifests_that_we_show_are_read(project_root: Path, page: str) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (project_root / page).read_text(), flags=re.DOTALL)
    found = read_manifest(shown.replace('sha256 = "…"', f'sha256 = "{_DIGEST}"').encode())
    assert (found.name, found.preparation.std) == ("beetle-family", (0.229, 0.224, 0.225))


def test_a_manifest_in_json_is_read() -> None:
    found = read_manifest(json.dumps(least()).encode())
    assert found.preparation.std == (1.0, 1.0, 1.0)
    assert analyzer_of(json.dumps(least()).encode()).description.determinism.text == "bitwise"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "Not A Name"}, "lower-case letters"),
        ({"version": "one"}, "a version is numbers"),
        ({"task": "segment"}, "task"),
        ({"license": None}, "license"),
        ({"sha256": "12"}, "sha256"),
        ({"model": "../../etc/passwd"}, "model"),
        ({"model": "/etc/passwd"}, "model"),
        ({"model": "http://example.org/a.onnx"}, "model"),
        ({"labels": None}, "labels"),
        ({"labels": ["a", "a"]}, "labels"),
        ({"terms": {"c": "https://example.org/c"}}, "terms"),
        ({"task": "embed", "labels": None}, "output.width"),
        ({"task": "embed", "output": {"width": 3}}, "labels"),
        ({"input": {"width": 8}}, "height"),
        ({"input": {"width": 8, "height": 1 << 20}}, "input.height"),
        ({"input": {"width": 8, "height": 8, "std": [1, 0, 1]}}, "divides"),
        ({"input": {"width": 8, "height": 8, "mean": [1, 1]}}, "input.mean"),
        ({"input": {"width": 8, "height": 8, "mean": ["nan", 0, 0]}}, "input.mean"),
        ({"code": "import os"}, "code"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UnsuitableModel, match=words):
        analyzer_of(json.dumps(least(**changed)).encode())


@pytest.mark.parametrize("data", [b"\xff\xfe", b"name = ", b"[1, 2]", b"{", b"{}", b'{"a": ' * 100_000])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(UnsuitableModel):
        read_manifest(data)


@given(st.binary(max_size=200))
def test_whatever_bytes_come_no_other_error_does(data: bytes) -> None:
    with pytest.raises(UnsuitableModel):
        read_manifest(data)


def test_the_manifests_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "small.onnx").write_bytes(b"a network")
    for file, told in {
        "a.json": least(),
        "b.json": least(name="other"),
        "c.json": least(name="other"),
        "d.json": least(name="image-facts"),
        "e.json": least(name="lonely", model="none.onnx"),
        "f.json": {},
    }.items():
        (tmp_path / file).write_text(json.dumps(told))
    (tmp_path / "notes.txt").write_text("not a manifest")
    found, wrong = given_analyzers(tmp_path)
    assert sorted(found) == ["other", "small"]
    assert found["small"].files == {"manifest": tmp_path / "a.json", "network": tmp_path / "small.onnx"}
    assert [str(one).partition(":")[0] for one in wrong] == [
        str(tmp_path / f"{name}.json") for name in "cdef"
    ]
    assert given_analyzers(tmp_path / "nowhere") == ({}, ())


def test_another_manifest_makes_another_identity(needs_package: Callable[[str], Any]) -> None:
    from analyzers.identity import identity_of

    needs_package("onnxruntime")
    plain = analyzer_of(json.dumps(least()).encode())
    other = analyzer_of(json.dumps(least(input={"width": 8, "height": 8, "colours": "BGR"})).encode())
    assert identity_of(plain).digest != identity_of(other).digest
    assert identity_of(plain).code == identity_of(other).code
