"""The JSON-LD of a dataset as a reader that nobody here wrote sees it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.node.web.datasets.conftest import Shelf


@pytest.mark.slow
def test_mlcroissant_finds_nothing_to_warn_of(
    shelf: Shelf, project_root: Path, tmp_path: Path, skip_or_fail: Callable[[str], None]
) -> None:
    program = project_root / ".venv-readers" / "bin" / "mlcroissant"
    if not program.exists():
        skip_or_fail("mlcroissant is not installed (see make readers)")
    for title, digest in shelf.datasets.items():
        answer = shelf.ask.get(f"/datasets/{digest}", headers={"accept": "application/ld+json"})
        file = tmp_path / "metadata.json"
        file.write_bytes(answer.content)
        command = [str(program), "validate", "--jsonld", str(file)]
        home = {**os.environ, "HOME": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=home)
        assert done.returncode == 0, (title, done.stderr)
        assert "WARNING" not in done.stderr
