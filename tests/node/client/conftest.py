"""A node with a dataset of the drawn museum, served by a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.cli.main import run
from node.client import Client
from node.compose import Node, open_node
from node.datasets.known import find_dataset
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serving


@dataclass(frozen=True)
class Publisher:
    """A served node, its address, and the digest of its dataset."""

    node: Node
    url: str
    dataset: Digest


@pytest.fixture(scope="module")
def publisher(
    tracked_once: tuple[Path, dict[str, str]],
    serve: Callable[..., Serving],
    tmp_path_factory: pytest.TempPathFactory,
) -> Publisher:
    root = tmp_path_factory.mktemp("publisher") / "node"
    shutil.copytree(tracked_once[0], root)
    command = ["--node", str(root), "--quiet", "dataset"]
    about = ["--title", "Drawn specimens", "--license", "CC-BY-NC-4.0", "--creators", "Test Herbarium"]
    made = ["--label-by", "family", "--split", "60/20/20", "--allow-unknown-licenses"]
    assert run([*command, "create", *about, *made]) == 0
    node = open_node(Layout(root))
    with node.index() as index:
        digest = find_dataset(node, index, "Drawn specimens").digest
    assert run([*command, "publish", digest.hex]) == 0
    return Publisher(node, serve(root, "--no-jobs").url, digest)


@pytest.fixture
def client(publisher: Publisher) -> Client:
    return Client(publisher.url)
