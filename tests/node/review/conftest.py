"""A node with four pictures of its own, which an analyzer has read."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from PIL import Image

from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.review.rules import Agent, Role

CONTRIBUTOR = Agent("https://orcid.org/0000-0002-1825-0097", Role.CONTRIBUTOR)
REVIEWER = Agent("urn:uuid:11111111-1111-4111-8111-111111111111", Role.REVIEWER)


def png(number: int) -> bytes:
    """A picture of 40 + number by 30."""
    file = io.BytesIO()
    Image.effect_noise((40 + number, 30), 20.0 + number).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "images").mkdir()
    for number in range(4):
        (folder / "images" / f"{number}.png").write_bytes(png(number))
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    commands = (("add", str(folder / "images")), ("pictures",), ("analyze", "image-facts", "--workers", "1"))
    for command in commands:
        assert run(["--node", str(folder / "node"), "--quiet", *command]) == 0
    return folder / "node"


@pytest.fixture
def reviewed(read_once: Path, tmp_path: Path) -> Node:
    """A copy of that node, to be written to."""
    shutil.copytree(read_once, tmp_path / "node")
    return open_node(Layout(tmp_path / "node"))


@pytest.fixture
def images(reviewed: Node) -> list[Digest]:
    """Its pictures, by digest."""
    with reviewed.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM analysis ORDER BY digest")
    return [Digest(row["digest"]) for row in rows]


@pytest.fixture
def contributor() -> Agent:
    return CONTRIBUTOR


@pytest.fixture
def reviewer() -> Agent:
    return REVIEWER
