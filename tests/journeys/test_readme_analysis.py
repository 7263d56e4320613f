"""README's look at the images: found by a region, and run again by somebody who has none of them."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.museum.server import Museum

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

PORT = "8804"
# What is found depends on how this machine's fonts are drawn; that it is a stamp is looked at in the test.
HIT = re.compile(r"0\.\d{3}  [0-9a-f]{12}  (\d+),(\d+),(\d+),(\d+)  \S.*")
MASKS = ((r"[\d,]+ (findings|vectors)", r"SO MANY \1"), (r"\d+ new entries of \d+, \d+ blobs", "NEW ENTRIES"))


def _module(name: str) -> ModuleType:
    """The helpers beside another test of README: a test module is no package."""
    spec = importlib.util.spec_from_file_location(
        f"for_analysis_{name}", Path(__file__).with_name(f"{name}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SESSION, NODES = _module("test_readme"), _module("test_readme_federation")


class Reader:
    """Somebody who types what README shows, with the digests and the port of this run in their place."""

    def __init__(self, program: Program, image: Digest, shown_run: str) -> None:
        self._program, self._image, self._shown_run = program, image, shown_run
        self._port = NODES._free_port()
        self._run = ""

    def type(self, command: str, terminals: ExitStack) -> list[str]:
        """Run a command; a server stays in its terminal."""
        line = command.replace(PORT, self._port).replace("0638adb0ca20", self._image.hex[:12])
        name, *arguments = shlex.split(line.replace(self._shown_run, self._run))
        assert name == "vasculum", line
        if "serve" in arguments:
            found: list[str] = terminals.enter_context(
                NODES._terminal(arguments, f"http://127.0.0.1:{self._port}")
            )
            return found
        said = self._program(*arguments)
        assert said.status == 0, said.err
        lines = "\n".join(said.out).splitlines()
        if arguments[:2] == ["analyze", "barcodes"]:
            self._run = lines[-1].rpartition("/")[2][:12]
        return lines


def _masked(line: str) -> str:
    for pattern, name in MASKS:
        line = re.sub(pattern, name, line)
    return "HIT" if HIT.fullmatch(line) else str(SESSION.masked(line))


def _stamps(lines: list[str]) -> None:
    """Stamps stand low on the drawn sheets, two thirds of the way down and further."""
    for hit in filter(None, map(HIT.fullmatch, lines)):
        assert int(hit[2]) > 1_300, hit[0]


@pytest.mark.slow
def test_a_stamp_is_found_on_other_sheets_and_a_stranger_comes_to_the_same(
    project_root: Path,
    program: Program,
    drawings_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = SESSION.section((project_root / "README.md").read_text(encoding="utf-8"), "Look at the images")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    with Museum(drawings_directory) as museum:
        image = Digest.of(museum.resources["/media/MDS00010405.jpg"].body)
        assert program("init", "--name", "My Herbarium").status == 0
        assert program("track", museum.archive_url).status == 3
        museum.advance()
        assert program("track", museum.archive_url).status == 3
    shown = re.search(r" reproduce ([0-9a-f]{12}) ", text)
    assert shown is not None
    reader = Reader(program, image, shown[1])
    with ExitStack() as terminals:
        for step in SESSION.console_steps(text):
            said = reader.type(step.command, terminals)
            assert [_masked(line) for line in said] == [_masked(line) for line in step.output], step.command
            _stamps(said)
