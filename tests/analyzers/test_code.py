"""A code bundle is all that an analyzer imports of its own package, read without running any of it."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.code import LONGEST, code_bundle, entry_module, read_code, top_package
from analyzers.errors import AnalyzerError, UnsuitableCode
from hashstore.canonical import canonical_json

SOURCES = {
    "mine/__init__.py": "raise SystemExit('imported')",
    "mine/analyzer.py": "import numpy\nfrom mine.parts import reading\nfrom . import words\nANALYZER = 1",
    "mine/words.py": "WORDS = ()",
    "mine/parts/__init__.py": "",
    "mine/parts/reading.py": "from ..words import WORDS\nimport other",
    "mine/unused.py": "",
    "other.py": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_bundle_is_what_is_imported_of_its_own_package_and_the_packages_that_hold_it(root: Path) -> None:
    data = code_bundle("mine.analyzer", root)
    sources = read_code(data)
    assert set(sources) == {"mine", "mine.analyzer", "mine.words", "mine.parts", "mine.parts.reading"}
    assert (top_package(sources), entry_module(sources)) == ("mine", "mine.analyzer")
    assert canonical_json(dict(sources)) == data


def test_a_source_outside_of_the_folder_is_refused(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.py"
    outside.write_text("KEY = 1")
    (root / "mine/words.py").unlink()
    (root / "mine/words.py").symlink_to(outside)
    with pytest.raises(AnalyzerError, match="leads out of"):
        code_bundle("mine.analyzer", root)


def test_a_module_that_is_not_there_is_told(root: Path) -> None:
    with pytest.raises(AnalyzerError, match="cannot be found"):
        code_bundle("mine.nothing", root)


@pytest.mark.parametrize(
    "document",
    [{}, [], "text", {"a b": ""}, {"../a": ""}, {"a.b": 1}, {"a": "", "b": ""}, {"a" * 20 + ".": ""}],
)
def test_what_is_no_bundle_is_refused(document: object) -> None:
    with pytest.raises(UnsuitableCode):
        read_code(json.dumps(document, separators=(",", ":")).encode())


def test_one_that_is_too_long_is_refused_unread() -> None:
    with pytest.raises(UnsuitableCode, match="longer"):
        read_code(b"x" * (LONGEST + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_bundle_or_refused(data: bytes) -> None:
    with contextlib.suppress(UnsuitableCode):
        assert read_code(data)


@pytest.mark.parametrize(
    "sources",
    [
        {"a": "pass"},  # none
        {"a": "", "a.b": "ANALYZER = 1", "a.c": "ANALYZER = 1"},  # neither reaches the other
        {"a": "", "a.b": "from a import c\nANALYZER = 1", "a.c": "from a import b\nANALYZER = 1"},  # both do
        {"a": "ANALYZER = ("},
        {"a": "from .. import b\nANALYZER = 1"},
    ],
)
def test_just_one_module_gives_the_analyzer(sources: dict[str, str]) -> None:
    with pytest.raises(UnsuitableCode):
        entry_module(sources)


def test_an_annotated_name_counts_and_another_modules_does_not() -> None:
    sources = {
        "a": "",
        "a.b": "from a.c import ANALYZER as other\nANALYZER: object = other",
        "a.c": "ANALYZER = 1",
    }
    assert entry_module(sources) == "a.b"
