"""The session of docs/pipelines.md, run against a museum of the test's own."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.museum.server import Museum

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

_CROP = "a657552943eb"  # as the page shows it
# What is found depends on how this machine's fonts are drawn.
_MASKS = ((r"\d+ new findings", "SO MANY new findings"), (r"pixel:[\d,]+", "pixel:PLACE"))


def _session() -> ModuleType:
    """The helpers beside the test of README: a test module is no package."""
    path = Path(__file__).with_name("test_readme.py")
    spec = importlib.util.spec_from_file_location("for_pipelines_test_readme", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_README = _session()


def _masked(line: str) -> str:
    for pattern, name in _MASKS:
        line = re.sub(pattern, name, line)
    return str(_README.masked(line))


@pytest.mark.slow
def test_the_session_says_what_the_page_shows(
    project_root: Path,
    program: Program,
    drawings_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (project_root / "docs" / "pipelines.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    shutil.copy(project_root / "docs" / "pipelines" / "read-labels.yaml", tmp_path)
    with Museum(drawings_directory) as museum:
        image = Digest.of(museum.resources["/media/MDS00010405.jpg"].body)
        assert program("init", "--name", "My Herbarium").status == 0
        assert program("track", museum.archive_url).status == 3
    shown: dict[str, str] = {}  # what the page shows, and what stands for it in this run
    for step in _README.console_steps(_README.section(text, "A session")):
        name, *arguments = shlex.split(step.command)
        assert name == "vasculum"
        said = program(*(shown.get(one, one) for one in arguments))
        assert said.status == 0, said.err
        lines = "\n".join(said.out).splitlines()
        told = [_masked(line) for line in lines][: len(step.output)]
        assert told == [_masked(line) for line in step.output], step.command
        if "read-labels: 1 images. " in lines[-1] and "signed: h" in lines[-1] and not shown:
            shown = {_digest(step.output[-1]): _digest(lines[-1]), _CROP: _crop(program, image)}

    said = program("--json", "show", shown[_CROP])
    texts = [one.get("text", "") for found in said.items[0]["analyses"] for one in found["findings"]]
    assert any("Dryopteris filix-mas" in text and "leg. R. Okonjo" in text for text in texts), texts


def _digest(line: str) -> str:
    return line.rpartition("/")[2].rstrip("…")[:12]


def _crop(program: Program, image: Digest) -> str:
    """The one crop that was made of an image."""
    (made,) = program("--json", "show", image.uri).items[0]["pictures"]
    return _digest(made["picture"])
