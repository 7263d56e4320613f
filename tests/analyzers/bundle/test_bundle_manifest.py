"""A manifest of a bundle is read back as it was, or refused with what is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.bundle.manifest import Bundle, Trial, read_bundle
from analyzers.description import Description, Determinism, InputKind, ModelFile, Needs, Task
from analyzers.errors import UnsuitableBundle
from analyzers.region import Box
from hashstore.canonical import canonical_json
from hashstore.digest import Digest

ONE, OTHER = Digest.of(b"one"), Digest.of(b"other")
PLAIN = Description("plain", "1.2", Task.READ, "Says little.", {"text": "What it reads."})
RICH = Description(
    "rich-one", "2", Task.MEASURE, "Says much.", {"area": "Its area.", "width": "Its width."},
    inputs=(InputKind.IMAGE,),
    parameters={"size": {"type": "integer", "default": 5, "minimum": 1},
                "how": {"type": "string", "default": "a"}},
    models=(ModelFile("net", ONE),), determinism=Determinism("0.001"), needs=Needs(1 << 30, 0.25),
    environment=("onnxruntime",), license="MIT", citation="Somebody 2026",
)  # fmt: skip
TRIALS = (Trial(ONE, OTHER, {}), Trial(OTHER, OTHER, {"size": 7}, Box(0, 0, 4, 4)))
BUNDLE = Bundle(RICH, ONE, {"numpy": "2.4.6"}, OTHER, TRIALS)


@pytest.mark.parametrize("bundle", [BUNDLE, replace(BUNDLE, description=PLAIN, trials=TRIALS[:1])])
def test_a_manifest_is_read_back_as_it_was(bundle: Bundle) -> None:
    again = read_bundle(bundle.data)
    assert again.data == bundle.data
    assert again.digest == bundle.digest
    assert again.description == bundle.description
    assert again.trials == bundle.trials
    assert set(again.parts) == {ONE, OTHER}


def changed(*path: str, to: Any) -> bytes:
    document = json.loads(BUNDLE.data)
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = to
    return canonical_json(document)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (changed("type", to="another"), "type"),
        (changed("code", to="elsewhere"), "code"),
        (changed("tests", to=[]), "tests"),
        (changed("tests", to=[{"input": ONE.uri}]), "expected"),
        (changed("environment", to={}), "environment"),
        (changed("more", to=1), "more"),
        (changed("analyzer", "name", to="No Name"), "name"),
        (changed("analyzer", "version", to="one"), "version"),
        (changed("analyzer", "memory", to=1 << 50), "memory"),
        (changed("analyzer", "seconds", to="0"), "seconds"),
        (changed("analyzer", "seconds", to="9999"), "seconds"),
        (changed("analyzer", "task", to="rule"), "task"),
        (changed("analyzer", "parameters", "size", "pattern", to="(a+)+$"), "pattern"),
        (changed("analyzer", "parameters", "size", "$ref", to="http://192.0.2.1/"), "ref"),
        (changed("analyzer", "determinism", to="tolerance(1e9)"), "determinism"),
        (BUNDLE.data + b" ", "bundle"),
        (b"{}", "bundle"),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_and_named(data: bytes, words: str) -> None:
    with pytest.raises(UnsuitableBundle, match=words):
        read_bundle(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_clearly(data: bytes) -> None:
    with pytest.raises(UnsuitableBundle):
        read_bundle(data)
