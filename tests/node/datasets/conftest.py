"""A node that tracked the drawn museum, one that knows nothing, and datasets made by the real program."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.node.conftest import Said, Vasculum

Dataset = Callable[..., "Said"]


@pytest.fixture
def alder(tracked_once: tuple[Path, dict[str, str]], tmp_path: Path) -> Node:
    """The institution that tracked the museum in both its versions."""
    shutil.copytree(tracked_once[0], tmp_path / "alder")
    return open_node(Layout(tmp_path / "alder"))


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


@pytest.fixture
def oaks(alder: Node, dataset: Dataset) -> dict[str, Any]:
    """A dataset of everything at alder, split, under a licence that goes with all."""
    said = dataset(
        alder, "create", "--title", "All of it", "--license", "CC-BY-NC-4.0", "--label-by", "class",
        "--split", "60/20/20", "--stratify", "--seed", "7", "--creators", "Muñoz, Ana; Alder Herbarium",
    )  # fmt: skip
    assert said.code == 0, said.err
    return said.summary
