"""README's three nodes: real servers, one of which goes down; the program says what is printed there."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from node.museum.server import Museum

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

MUSEUM = "http://127.0.0.1:8765"
CLOSED = "<!-- the first terminal is closed -->"
PORTS = ("8801", "8802")


def _readme() -> Any:
    """The helpers beside the test of the first session: a test module is no package."""
    where = Path(__file__).with_name("test_readme.py")
    spec = importlib.util.spec_from_file_location("readme_session", where)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


SESSION = _readme()


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def _terminal(arguments: list[str], url: str) -> Iterator[list[str]]:
    """A server in a terminal of its own; ended as Ctrl-C ends it."""
    command = [sys.executable, "-m", "node.cli", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        said = [process.stdout.readline().rstrip("\n")]
        _until_ready(url)
        yield said
    finally:
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 0


def _until_ready(url: str) -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
                assert json.load(answer)["status"] == "ready"
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"{url} did not get ready")


class Reader:
    """Somebody who types what README shows, with the names and numbers of this run in its place."""

    def __init__(self, program: Program, museum: Museum, shown: str, image: str) -> None:
        self._program = program
        self._museum = museum
        self._shown = shown
        self._image = image
        self._ports = {shown: _free_port() for shown in PORTS}
        self._keys: dict[str, str] = {}

    def type(self, command: str, terminals: ExitStack) -> list[str]:
        """Run a command; a server stays in its terminal until that is closed."""
        line = command.replace(MUSEUM, self._museum.url)
        for shown, port in self._ports.items():
            line = line.replace(shown, port)
        line = re.sub(r"w3id\.org\S+…\+\S+", lambda _: self._keys["a"], line)
        line = re.sub(r"w3id\.org\S+…", lambda _: self._keys["a"].split("+")[0], line)
        line = line.replace(self._shown, self._image)
        name, *arguments = shlex.split(line)
        assert name == "vasculum", line
        if "serve" in arguments:
            url = f"http://127.0.0.1:{arguments[-1]}"
            return terminals.enter_context(_terminal(arguments, url))
        said = self._program(*arguments)
        assert said.status == (3 if "track" in arguments else 0), said.err
        found = next((out.split()[-1] for out in said.out if out.startswith("  log key")), None)
        if found is not None and "init" in arguments:
            self._keys[arguments[1]] = found
        return "\n".join(said.out).splitlines()


@pytest.mark.slow
def test_three_nodes_do_what_the_readme_shows(
    project_root: Path,
    program: Program,
    drawings_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = SESSION.section((project_root / "README.md").read_text(encoding="utf-8"), "Three nodes")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    shown = re.search(r" fetch ([0-9a-f]{12})\n.*?/media/(\w+)\.jpg", text, flags=re.DOTALL)
    assert shown is not None
    before, after = text.split(CLOSED)
    with Museum(drawings_directory) as museum:
        image = Digest.of(museum.resources[f"/media/{shown[2]}.jpg"].body).hex
        reader = Reader(program, museum, shown[1], image[: len(shown[1])])
        with ExitStack() as second:
            first = second.enter_context(ExitStack())
            for step in SESSION.console_steps(before):
                _same(reader.type(step.command, first if "8801" in step.command else second), step)
            first.close()
            for step in SESSION.console_steps(after):
                _same(reader.type(step.command, second), step)


def _same(said: list[str], step: Any) -> None:
    assert [_masked(line) for line in said] == [_masked(line) for line in step.output], step.command


def _masked(line: str) -> str:
    return str(SESSION.masked(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", line)))
