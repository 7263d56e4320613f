"""A node whose drawn sheets have vectors, made once: that is what takes time here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from node.cli.main import run
from node.compose import Node, open_node
from node.layout import Layout
from node.search.generation import bring_up


@pytest.fixture(scope="session")
def embedded_once(
    tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A node whose drawn sheets have vectors, whole and in parts, and an index of them."""
    root = tmp_path_factory.mktemp("embedded") / "node"
    shutil.copytree(tracked_once[0], root)
    for command in (("analyze", "embedding", "--shard", "1/2"), ("index", "similar")):
        assert run(["--quiet", "--node", str(root), *command, "--set", "tiles=2"]) == 0
    bring_up(open_node(Layout(root)))
    return root


@pytest.fixture
def embedded(embedded_once: Path) -> Node:
    """That node, to be read only."""
    return open_node(Layout(embedded_once))
