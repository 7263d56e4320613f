"""The README's session, run against a museum of the test's own: the program says what is printed there."""

from __future__ import annotations

import re
import shlex
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hashstore.digest import Digest
from node.museum.server import Museum

if TYPE_CHECKING:
    from tests.journeys.conftest import Program

MUSEUM = "http://127.0.0.1:8765"
# What differs from run to run; an ellipsis stands for the rest of something long. In this order.
MASKS = (
    (r"\x1b\[[0-9;]*m", ""),
    (r"http://127\.0\.0\.1:\d+", "MUSEUM"),
    (r"hash://sha256/[0-9a-f]+…?", "DIGEST"),
    (r"did:key:z\w+…?", "DID"),
    (r"w3id\.org/vasculum/log/[0-9a-f-]+…?", "LOG"),
    (r"LOG\+[0-9a-f]+\+[\w+/=]+…?", "KEY"),
    (r"urn:uuid:[0-9a-f-]+…?", "UUID"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)", "TIME"),
    (r"\d{4}-\d\d-\d\d", "DAY"),
    (r"root hash [0-9a-f]+…?", "root hash HEX"),
    (r"[\d,]+ bytes", "SO MANY bytes"),
    (r"#row=\d+", "#row=N"),
    (r" at /\S+", " at FOLDER"),
)


@dataclass(frozen=True)
class Step:
    """A command of a console session, and what it is shown to print."""

    command: str
    output: tuple[str, ...]


def console_steps(text: str) -> list[Step]:
    """The commands of every fenced console block, in order."""
    steps: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *output = part.rstrip("\n").split("\n")
            steps.append(Step(command, tuple(output)))
    return steps


def section(text: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    return text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def masked(line: str) -> str:
    """A line with what differs from run to run taken out."""
    for pattern, name in MASKS:
        line = re.sub(pattern, name, line)
    return line.rstrip()


@pytest.fixture
def readme(project_root: Path) -> str:
    return (project_root / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def spoken(readme: str) -> Callable[[Museum], Callable[[str], str]]:
    """Puts this run's museum and image in the place of those that README shows."""
    shown = re.search(r"vasculum history ([0-9a-f]{8,})\n.*?/media/(\w+)\.jpg", readme, flags=re.DOTALL)
    assert shown is not None, "README shows the history of no image"
    prefix, catalogue_number = shown[1], shown[2]

    def against(museum: Museum) -> Callable[[str], str]:
        image = museum.resources[f"/media/{catalogue_number}.jpg"].body
        digest = Digest.of(image).hex[: len(prefix)]
        return lambda command: command.replace(MUSEUM, museum.url).replace(prefix, digest)

    return against


@pytest.mark.slow
def test_the_session_says_what_the_readme_shows(
    readme: str,
    spoken: Callable[[Museum], Callable[[str], str]],
    program: Program,
    drawings_directory: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VASCULUM_NODE", raising=False)
    key = ""
    with Museum(drawings_directory) as museum:
        translate = spoken(museum)
        for step in console_steps(section(readme, "A session")):
            command = re.sub(r"--trust \S+…?\S*", f"--trust {key}", translate(step.command))
            said = _run(command, program)
            assert [masked(line) for line in said] == [masked(line) for line in step.output], command
            key = next((line.split()[-1] for line in said if line.startswith("  log key")), key)
    assert key


def _run(command: str, program: Program) -> list[str]:
    """Run one command line; those of `vasculum` in this process, and curl's part is played by urllib."""
    name, *arguments = shlex.split(command)
    if name == "curl":
        with urllib.request.urlopen(urllib.request.Request(arguments[-1], method="POST")) as answer:
            return str(answer.read().decode()).splitlines()
    assert name == "vasculum", command
    said = program(*arguments)
    assert said.status == (3 if arguments[0] == "track" else 0), said.err
    return "\n".join(said.out).splitlines()
