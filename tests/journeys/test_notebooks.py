"""The notebooks run against a real node, and are kept without what they printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from node.cli.main import run
from node.create import create_node
from node.layout import Layout
from node.museum import Museum

if TYPE_CHECKING:
    from tests.conftest import Serve

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def url(drawings_directory: Path, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("notebooks") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    command = ["--node", str(root), "--quiet"]
    with Museum(drawings_directory) as museum:
        assert run([*command, "track", museum.archive_url]) in (0, 3)
    about = ["--title", "Drawn specimens", "--license", "CC-BY-NC-4.0", "--creators", "Test Herbarium"]
    made = ["--label-by", "family", "--split", "60/20/20", "--allow-unknown-licenses"]
    assert run([*command, "dataset", "create", *about, *made]) == 0
    assert run([*command, "dataset", "publish", "Drawn specimens"]) == 0
    return serve(root).url


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    cells = [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 3
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_against_a_node(
    path: Path, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, skip_or_fail: Callable[[str], None]
) -> None:
    import nbformat
    from nbclient import NotebookClient

    if "import torch" in path.read_text():
        try:
            import torch  # noqa: F401
        except ImportError:
            skip_or_fail("torch is not installed (pip install 'vasculum[train]')")
    monkeypatch.setenv("VASCULUM_URL", url)
    # The kernel is a process of its own, with its own folder for what it keeps of its user.
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(path.parents[2]))
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert last.outputs
