"""A project that is somebody else's, as its author has it; and a sandbox, or a skip that says why not."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from node.cli.main import run
from node.sandbox.errors import SandboxError
from node.sandbox.programs import sandbox_programs

_PROJECT = """
[project]
name = "mean-red"
license-files = ["LICENSE"]

[project.entry-points."vasculum.analyzers"]
mean-red = "mean_red.analyzer:ANALYZER"

[tool.vasculum.models]
factor = "factor.txt"

[[tool.vasculum.test]]
picture = "tests/one.png"
expected = "tests/one.json"

[[tool.vasculum.test]]
picture = "tests/two.png"
parameters = { times = 2 }

[[tool.vasculum.test]]
picture = "tests/two.png"
region = "xywh=pixel:0,0,4,4"
"""
_ANALYZER = """
from pathlib import Path
from analyzers.description import Description, Determinism, ModelFile, Task
from hashstore.digest import Digest
from mean_red.reading import read

class MeanRed:
    description = Description(
        "mean-red", "1", Task.MEASURE, "Mean red.", {"red": "Mean of red, times a factor."},
        parameters={"times": {"type": "integer", "default": 1, "minimum": 1, "description": "How often."}},
        models=(ModelFile("factor", Digest.of(b"10")),), determinism=Determinism("0.05"), license="MIT",
    )

    def prepare(self, parameters, models):
        factor = int(Path(models["factor"]).read_text()) * parameters["times"]
        return lambda picture: read(picture, factor)

ANALYZER = MeanRed()
"""
_READING = """
from analyzers.decimals import decimal_text
from analyzers.finding import Finding

def read(picture, factor):
    return [Finding("red", value=decimal_text(float(picture.pixels()[:, :, 0].mean()) * factor, 3))]
"""


def png(red: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 9), (red, 0, 0)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="session")
def sandbox(skip_or_fail: Callable[[str], None]) -> None:
    """Ask for a sandbox that works here, or skip and say why there is none."""
    try:
        sandbox_programs()
    except SandboxError as error:
        skip_or_fail(f"{error} (see make deps-system)")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project with a model and three tests."""
    root = tmp_path_factory.mktemp("project")
    files = {
        "pyproject.toml": _PROJECT,
        "LICENSE": "MIT License",
        "factor.txt": "10",
        "src/mean_red/__init__.py": "",
        "src/mean_red/analyzer.py": _ANALYZER,
        "src/mean_red/reading.py": _READING,
        "tests/one.json": '[{"kind": "red", "value": "10"}]',
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "tests/one.png").write_bytes(png(1))
    (root / "tests/two.png").write_bytes(png(2))
    return root


@pytest.fixture(scope="session")
def packed_once(sandbox: None, project: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Its bundle, as a ZIP."""
    path = tmp_path_factory.mktemp("packed") / "bundle.zip"
    assert run(["--quiet", "pipeline", "pack", str(project), str(path)]) == 0
    return path.read_bytes()


@pytest.fixture
def packed(packed_once: bytes, tmp_path: Path) -> Path:
    """That bundle in a folder of its own."""
    path = tmp_path / "author" / "bundle.zip"
    path.parent.mkdir()
    path.write_bytes(packed_once)
    return path
