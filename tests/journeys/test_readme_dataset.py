"""README's way from a question to a cited dataset, and to a colleague who has the same bytes."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from node.museum.server import Museum

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

PORT = "8803"


def _module(name: str) -> ModuleType:
    """The helpers beside another test of README: a test module is no package."""
    spec = importlib.util.spec_from_file_location(
        f"for_datasets_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SESSION, NODES = _module("test_readme"), _module("test_readme_federation")


class Reader:
    """Somebody who types what README shows, with the digest and the port of this run in its place."""

    def __init__(self, program: Program, shown: str) -> None:
        self._program = program
        self._shown = shown
        self._port = NODES._free_port()
        self.dataset = ""

    def type(self, command: str, terminals: ExitStack) -> list[str]:
        """Run a command; a server stays in its terminal."""
        line = command.replace(PORT, self._port)
        line = line.replace(f"hash://sha256/{self._shown}…", self.dataset)
        line = line.replace(self._shown, self.dataset.rpartition("/")[2][:12])
        name, *arguments = shlex.split(line)
        assert name == "vasculum", line
        if "serve" in arguments:
            return terminals.enter_context(NODES._terminal(arguments, f"http://127.0.0.1:{self._port}"))
        said = self._program(*arguments)
        assert said.status == 0, said.err
        lines = "\n".join(said.out).splitlines()
        if arguments[:2] == ["dataset", "create"]:
            self.dataset = lines[1]
        return lines


def _masked(line: str) -> str:
    return str(SESSION.masked(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line)))


def _same(said: list[str], step: Any) -> None:
    assert [_masked(line) for line in said] == [_masked(line) for line in step.output], step.command


@pytest.mark.slow
def test_a_question_leads_to_a_dataset_that_a_colleague_has_byte_for_byte(
    project_root: Path,
    program: Program,
    drawings_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readme = (project_root / "README.md").read_text(encoding="utf-8")
    text = SESSION.section(readme, "From question to cited dataset")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    with Museum(drawings_directory) as museum:
        assert program("init", "--name", "My Herbarium").status == 0
        assert program("track", museum.archive_url).status == 3
    shown = re.search(r" cite ([0-9a-f]{12})\n", text)
    assert shown is not None
    reader = Reader(program, shown[1])
    with ExitStack() as terminals:
        for step in SESSION.console_steps(text):
            _same(reader.type(step.command, terminals), step)
    assert _files(tmp_path / "plants") == _files(tmp_path / "plants-again")


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
