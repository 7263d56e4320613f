"""The committed vectors are what the exporters write: bytes that change want another version."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

from manifests.export.registry import BUILT_IN, exporter, format_names

FOLDER = Path(__file__).resolve().parents[3] / "spec" / "vectors"


def test_the_vectors_are_what_the_exporters_write() -> None:
    spec = importlib.util.spec_from_file_location("generate_exports", FOLDER / "generate_exports.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate_exports"] = module
    spec.loader.exec_module(module)
    assert module.vectors() == json.loads((FOLDER / "exports.json").read_text(encoding="utf-8"))


def test_every_format_is_what_it_is_called_and_says_what_it_is() -> None:
    for name in format_names():
        found = exporter(name)
        assert found.name == name
        assert found.version
        assert found.about


def test_the_specification_lists_every_format() -> None:
    text = (FOLDER.parent / "exports.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert all(any(f"`{name}`" in row for row in rows) for name in BUILT_IN)
