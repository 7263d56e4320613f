"""A node with published datasets, and whoever asks it for pages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from node.cli.main import run
from node.compose import Node, open_node
from node.datasets.known import find_dataset
from node.layout import Layout
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics


@dataclass(frozen=True)
class Shelf:
    """A node with datasets.

    Attributes:
        node: The node.
        ask: Asks it for pages.
        datasets: Digests of versions, by title; of `All of it` also the second one.
    """

    node: Node
    ask: TestClient
    datasets: dict[str, str]


def shelved(root: Path) -> tuple[Node, TestClient]:
    """A node, and its pages."""
    node = open_node(Layout(root))
    bring_up(node)
    return node, TestClient(make_api(LiveNode(node.layout), Metrics()))


@pytest.fixture(scope="session")
def shelf(made_once: tuple[Path, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A node with two datasets, one of them in two versions, of which somebody cites the first; read only."""
    root = tmp_path_factory.mktemp("shelf") / "alder"
    shutil.copytree(made_once[0], root)
    first = made_once[1]["dataset"].removeprefix("hash://sha256/")

    def call(*arguments: str) -> None:
        assert run(["--node", str(root), "--quiet", "dataset", *arguments]) == 0

    call("publish", "All of it")
    call("cited", first, "--by", "https://doi.org/10.5555/12345678")
    call("refresh", "All of it", "--description", "Everything </script><script>alert(1)</script>")
    call("publish", "All of it")
    call(
        "create", "--title", "Kingfishers & oaks", "--license", "CC-BY-NC-4.0", "--filter", "year<1950",
        "--allow-unknown-licenses",
    )  # fmt: skip
    call("publish", "Kingfishers & oaks")
    node, ask = shelved(root)
    with node.index() as index:
        titles = {
            title: find_dataset(node, index, title).digest.hex
            for title in ("All of it", "Kingfishers & oaks")
        }
    return Shelf(node, ask, {"first": first, **titles})


@pytest.fixture
def page(shelf: Shelf) -> Callable[..., str]:
    """The text of a page that has to be there."""

    def get(path: str, **headers: str) -> str:
        answer = shelf.ask.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    return get
