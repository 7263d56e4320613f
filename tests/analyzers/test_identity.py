"""An identity changes with what affects the output, and with nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from analyzers.code import code_bundle
from analyzers.description import Description, ModelFile, Task
from analyzers.errors import AnalyzerError, UnknownAnalyzer, UnsuitableParameters
from analyzers.identity import Identity, identity_of, output_key, parameters_digest
from analyzers.parameters import whole_parameters
from analyzers.region import Box
from analyzers.registry import analyzer_names, find_analyzer
from hashstore.digest import Digest

PLAIN = Description("plain", "1", Task.DESCRIBE, "Says nothing.", {})
IDENTITY = Identity(PLAIN, Digest.of(b"code"), MappingProxyType({"numpy": "2.0"}))
SIZES = Description(
    "sizes", "1", Task.DESCRIBE, "", {},
    parameters={"size": {"type": "integer", "default": 512, "minimum": 1},
                "share": {"type": "string", "default": "0.5", "pattern": "^0\\.[0-9]+$"}},
)  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, code=Digest.of(b"other code")),
        replace(IDENTITY, environment=MappingProxyType({"numpy": "2.1"})),
        replace(IDENTITY, description=replace(PLAIN, version="2")),
        replace(IDENTITY, description=replace(PLAIN, models=(ModelFile("m", Digest.of(b"m")),))),
    ],
)
def test_code_environment_version_and_models_make_another_identity(other: Identity) -> None:
    assert other.digest != IDENTITY.digest


def test_words_about_an_analyzer_do_not() -> None:
    told = replace(PLAIN, about="It says little.", citation="Nobody 2024", license="MIT")
    assert replace(IDENTITY, description=told).digest == IDENTITY.digest


def test_a_key_differs_by_analyzer_parameters_image_and_region() -> None:
    one, other = Digest.of(b"1"), Digest.of(b"2")
    keys = {
        output_key(one, one, one),
        output_key(other, one, one),
        output_key(one, other, one),
        output_key(one, one, other),
        output_key(one, one, one, Box(0, 0, 1, 1)),
    }
    assert len(keys) == 5


def test_the_code_of_an_analyzer_is_all_that_it_imports_of_its_own_package() -> None:
    bundle = json.loads(code_bundle("analyzers.builtin.image_facts"))
    assert {
        "analyzers",
        "analyzers.builtin",
        "analyzers.builtin.image_facts",
        "analyzers.picture.picture",
        "analyzers.picture.perceptual",
    } <= set(bundle)
    assert all(name.split(".")[0] == "analyzers" for name in bundle)
    root = Path(__file__).resolve().parents[2]
    assert bundle["analyzers.picture.pixels"] == (root / "analyzers/picture/pixels.py").read_text("utf-8")


def test_every_installed_analyzer_is_what_its_name_says_and_has_an_identity() -> None:
    assert "image-facts" in analyzer_names()
    for name in analyzer_names():
        identity = identity_of(find_analyzer(name))
        assert identity.description.name == name
        assert {"numpy", "pillow", "simplejpeg"} <= set(identity.environment)


def test_what_is_not_installed_is_told() -> None:
    with pytest.raises(UnknownAnalyzer, match="analyzer ls"):
        find_analyzer("no-such-thing")


def test_parameters_are_made_whole_and_the_same_ones_have_one_name() -> None:
    assert whole_parameters(SIZES, {}) == {"size": 512, "share": "0.5"}
    one, other = whole_parameters(SIZES, {"share": "0.5"}), whole_parameters(SIZES, {"size": 512})
    assert parameters_digest(one) == parameters_digest(other)


@pytest.mark.parametrize("given", [{"size": 0}, {"size": "big"}, {"sise": 1}, {"share": 0.5}, {"share": "1"}])
def test_unsuitable_parameters_are_refused_and_named(given: dict[str, object]) -> None:
    with pytest.raises(UnsuitableParameters, match="sizes: "):
        whole_parameters(SIZES, given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "version"), [("Big", "1"), ("a b", "1"), ("../x", "1"), ("", "1"), ("a", "one")]
)
def test_names_that_nobody_could_type_are_refused(name: str, version: str) -> None:
    with pytest.raises(AnalyzerError):
        Description(name, version, Task.DESCRIBE, "", {})
