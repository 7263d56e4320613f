"""`add` stages files while it gets ready: that changes neither what is added nor what is left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hashstore.blobstore import DirectoryBlobStore
from hashstore.digest import Digest
from node.cli.main import run
from node.create import create_node
from node.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path / "node")
    create_node(layout, "Museum", "museum.test/log")
    return layout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.txt").write_text(f"file {number}")
    (folder / "below" / "last.txt").write_text("the last one")
    return folder


def _temporaries(layout: Layout) -> list[Path]:
    return list((layout.blobs / "tmp").glob("session-*/[0-9]*"))


def _blobs(layout: Layout) -> list[Digest]:
    return sorted(DirectoryBlobStore(layout.blobs).digests())


def test_nothing_is_left_behind_by_a_node_that_cannot_be_opened(layout: Layout, folder: Path) -> None:
    before = _blobs(layout)
    with layout.config.open("a") as settings:
        settings.write("nonsense")
    assert run(["--node", str(layout.root), "--quiet", "add", str(folder)]) == 1
    assert _blobs(layout) == before
    assert _temporaries(layout) == []


def test_the_same_folder_by_other_ways_is_the_same_source(
    layout: Layout, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "link").symlink_to(folder)
    for number, way in enumerate((folder, tmp_path / "link", folder / ".." / "folder")):
        assert run(["--node", str(layout.root), "--json", "add", str(way)]) == 0
        summary = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert summary["files"]["unchanged" if number else "fetched"] == 4
    assert _temporaries(layout) == []
