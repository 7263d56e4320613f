"""A node with a dataset of the drawn museum: made once, copied for tests that change it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.datasets.known import find_dataset, members_of_dataset
from node.layout import Layout

TITLE = "Drawn specimens"


@dataclass(frozen=True)
class House:
    """A node, the digest of its dataset, and the digests of the dataset's members."""

    node: Node
    dataset: Digest
    members: tuple[Digest, ...]

    @property
    def root(self) -> Path:
        return self.node.layout.root


@pytest.fixture(scope="session")
def house_once(tracked_once: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("house") / "node"
    shutil.copytree(tracked_once[0], root)
    command = [
        "--node",
        str(root),
        "--quiet",
        "dataset",
        "create",
        "--title",
        TITLE,
        "--license",
        "CC-BY-NC-4.0",
    ]
    command += ["--creators", "Test Herbarium", "--label-by", "family", "--split", "60/20/20"]
    assert run([*command, "--allow-unknown-licenses"]) == 0
    return root


def opened(root: Path) -> House:
    node = open_node(Layout(root))
    with node.index() as index:
        known = find_dataset(node, index, TITLE)
    return House(node, known.digest, tuple(member.digest for member in members_of_dataset(node, known)))


@pytest.fixture
def house(house_once: Path) -> House:
    """To be read only."""
    return opened(house_once)


@pytest.fixture
def house_copy(house_once: Path, tmp_path: Path) -> House:
    """To be damaged at will."""
    shutil.copytree(house_once, tmp_path / "house")
    return opened(tmp_path / "house")
