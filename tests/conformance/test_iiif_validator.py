"""Our image server as the validator of the IIIF consortium sees it, level 2 of both versions."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.cli.main import run
from node.create import create_node
from node.layout import Layout

if TYPE_CHECKING:
    from tests.conftest import Serve

_TESTS = {"3.0": 33, "2.0": 30}


@pytest.fixture(scope="module")
def squares(shared_data: Path, serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A served node with the validator's image: its host and port, and the image's digest."""
    (image,) = (shared_data / "vectors" / "iiif-image").glob("*.png")
    root = tmp_path_factory.mktemp("squares") / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    assert run(["--node", str(root), "--quiet", "add", str(image)]) == 0
    url = serve(root, "--no-jobs").url
    return url.removeprefix("http://"), Digest.of(image.read_bytes()).hex


@pytest.mark.parametrize("version", ["3.0", "2.0"])
def test_every_test_of_level_2_passes(
    version: str, squares: tuple[str, str], project_root: Path, skip_or_fail: Callable[[str], None]
) -> None:
    environment = project_root / ".venv-readers" / "bin"
    if not (environment / "iiif-validate.py").exists():
        skip_or_fail("iiif-validate.py is not installed (see make readers)")
    host, image = squares
    options = ["-s", host, "-p", f"iiif/{version[0]}", "-i", image, "--version", version, "--level", "2"]
    command = [str(environment / "python"), str(environment / "iiif-validate.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Done ({_TESTS[version]} tests, 0 failures)" in done.stderr
