"""A node with a few pictures, and an analyzer of somebody else's that finds their halves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from analyzers.registry import find_analyzer
from node.compose import Node

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_SOURCE = """
from analyzers.description import Description, Task
from analyzers.finding import Finding
from analyzers.region import Box

class Halves:
    description = Description(
        "halves", "1", Task.SEGMENT, "Left and right.", {"left": "Left half.", "right": "Right half."},
    )

    def prepare(self, parameters, models):
        return read

def read(picture):
    width, height = picture.size
    half = width // 2
    if width == 68:
        raise ValueError("seventeen times four")
    return [
        Finding("left", Box(0, 0, half, height), confidence="0.9"),
        Finding("right", Box(half, 0, width - half, height), confidence="0.4"),
    ]

ANALYZER = Halves()
"""
PIPELINE = """
pipeline: 1
name: look-at-halves
about: Cuts pictures into halves, and looks at each.
steps:
  facts:
    run: image-facts@1
    pictures: {from: cut}
  halves: {run: halves@1}
  cut:
    run: crop@1
    regions: {from: halves, kind: [left, right]}
"""


@pytest.fixture
def halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The source of the analyzer `halves`, which fails on a picture of 68 pixels."""
    site = tmp_path / "site"
    about = site / "halves_analyzer-1.0.dist-info"
    about.mkdir(parents=True)
    source = site / "halves_analyzer.py"
    source.write_text(_SOURCE, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: halves-analyzer\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[vasculum.analyzers]\nhalves = halves_analyzer:ANALYZER\n")
    monkeypatch.syspath_prepend(str(site))
    find_analyzer.cache_clear()
    yield source
    find_analyzer.cache_clear()


def png(number: int) -> bytes:
    """A picture of 64 pixels and more across."""
    file = io.BytesIO()
    Image.radial_gradient("L").resize((64 + number, 48)).convert("RGB").save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def pictured(fresh: Node, tmp_path: Path, vasculum: Vasculum) -> Node:
    """A node with three pictures, and one that is cut short."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.png").write_bytes(png(number))
    (folder / "cut.png").write_bytes(png(9)[:900])
    assert vasculum("--quiet", "--node", fresh.layout.root, "add", folder).code == 0
    return fresh


@pytest.fixture
def pipeline(tmp_path: Path, halves: Path) -> Path:
    """A file of three steps, the last of them first."""
    path = tmp_path / "halves.yaml"
    path.write_text(PIPELINE, encoding="utf-8")
    return path
