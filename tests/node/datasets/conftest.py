"""A node that tracked the drawn museum, one that knows nothing, and datasets made by the real program."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.datasets.known import find_dataset
from node.datasets.told import dataset_fields
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum

Dataset = Callable[..., "Said"]


@pytest.fixture(scope="session")
def made_once(
    tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A node that tracked the museum, with a dataset of everything under a licence that goes with all."""
    root = tmp_path_factory.mktemp("made") / "alder"
    shutil.copytree(tracked_once[0], root)
    code = run(
        ["--node", str(root), "--quiet", "dataset", "create", "--title", "All of it",
         "--license", "CC-BY-NC-4.0", "--label-by", "class", "--split", "60/20/20", "--stratify", "--seed",
         "7", "--creators", "Muñoz, Ana; Alder Herbarium"]
    )  # fmt: skip
    assert code == 0
    node = open_node(Layout(root))
    with node.index() as index:
        known = find_dataset(node, index, "All of it")
    sheet = json.loads(node.store.read(known.version.datasheet))
    return root, dataset_fields(known) | {"licences": sheet["licences"], "splits": sheet["splits"]}


@pytest.fixture
def alder(made_once: tuple[Path, dict[str, Any]], tmp_path: Path) -> Node:
    """The institution that tracked the museum and made the dataset."""
    shutil.copytree(made_once[0], tmp_path / "alder")
    return open_node(Layout(tmp_path / "alder"))


@pytest.fixture
def oaks(made_once: tuple[Path, dict[str, Any]]) -> dict[str, Any]:
    """What is told of alder's dataset."""
    return made_once[1]


@pytest.fixture
def birch(tmp_path: Path) -> Node:
    """Another one, with a log of its own and nothing else."""
    return create_node(Layout(tmp_path / "birch"), "Birch Herbarium", "birch.test/log")


@pytest.fixture
def dataset(vasculum: Vasculum) -> Dataset:
    """Run `vasculum dataset ...` on a node, with --json."""

    def call(node: Node, *arguments: object) -> Said:
        return vasculum("--node", node.layout.root, "--json", "dataset", *arguments)

    return call
