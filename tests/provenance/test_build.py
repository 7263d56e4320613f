from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from provenance.contexts import CONTEXT, context_bytes, pins


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_wheel_built_from_a_fresh_clone_holds_every_foreign_file(
    tmp_path: Path, project_root: Path, needs_program: Callable[[str], str]
) -> None:
    git = needs_program("git")
    clone = tmp_path / "clone"
    subprocess.run([git, "clone", "--quiet", str(project_root), str(clone)], check=True)
    assert not (clone / "provenance/contexts/foreign").exists()
    wheel = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(clone),
    ]
    subprocess.run(wheel, check=True)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        for url in CONTEXT:
            assert archive.read(f"provenance/contexts/{pins()[url].file}") == context_bytes(url)
        for folder in ("manifests/quality/land", "analyzers/models"):
            for pin in json.loads(archive.read(f"{folder}/pins.json")).values():
                assert hashlib.sha256(archive.read(f"{folder}/{pin['file']}")).hexdigest() == pin["sha256"]
