"""A node that something can be added to, so that there is news."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node

AddImage = Callable[[Node, int], Digest]


@pytest.fixture
def add_image(tmp_path: Path) -> AddImage:
    """Add a small image to a node; gives its digest."""

    def add(node: Node, number: int) -> Digest:
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (number, 90, 120)).save(out, "PNG")
        path = tmp_path / f"image{number}.png"
        path.write_bytes(out.getvalue())
        assert run(["--node", str(node.layout.root), "--quiet", "add", str(path)]) == 0
        return Digest.of(out.getvalue())

    return add
