"""spec/vectors/similar.json is what its generator writes, and is read as it says."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzers.vectors.file import read_index, write_index
from analyzers.vectors.members import read_members
from analyzers.vectors.search import open_index
from hashstore.digest import Digest


@pytest.fixture(scope="module")
def told(project_root: Path) -> Any:
    return json.loads((project_root / "spec" / "vectors" / "similar.json").read_text())


def test_the_file_is_what_its_generator_writes(told: Any, project_root: Path) -> None:
    path = project_root / "spec" / "vectors" / "generate_similar.py"
    spec = importlib.util.spec_from_file_location("generate_similar", path)
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    assert json.loads(json.dumps(generator.vectors())) == told


def test_members_and_indexes_are_read_as_written(told: Any, needs_package: Callable[[str], Any]) -> None:
    needs_package("faiss")
    members = read_members("".join(f"{line}\n" for line in told["members"]["lines"]).encode())
    assert members.root.uri == told["members"]["root"]
    for one in told["indexes"]:
        data = bytes.fromhex(one["file"])
        assert Digest.of(data).uri == one["digest"]
        recipe, arrays = read_index(data)
        assert (recipe.document(), recipe.digest.uri) == (one["recipe"], one["recipeDigest"])
        assert write_index(recipe, arrays) == data
        (hit,) = open_index(data, members).search(np.array([1, 0], np.float32), 1)
        assert hit.input == members[0]
        assert hit.score == pytest.approx(1, abs=0.01)
