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
