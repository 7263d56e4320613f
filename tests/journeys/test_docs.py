"""What the documents say exists, exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from node.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "spec").rglob("*.md"), *(ROOT / "bench").rglob("*.md"))
)
_CODE = re.compile(r"```.*?```|`[^`\n]+`", flags=re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def code_of(text: str) -> str:
    """Everything that is set as code: fenced, indented or between backticks."""
    indented = [line for line in text.splitlines() if line.startswith("    ")]
    return "\n".join([*_CODE.findall(text), *indented])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_to_a_file(document: str) -> None:
    links = [link for link in _LINK.findall(_CODE.sub("", text_of(document))) if "://" not in link]
    folder = (ROOT / document).parent
    broken = [link for link in links if not (folder / link.partition("#")[0]).exists()]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_of_the_program_exists(document: str) -> None:
    code = code_of(text_of(document))
    named = re.findall(r"\bvasculum (?:--(?:node|json|quiet)(?: DIR| \S+)? )*([a-z][a-z-]+)\b", code)
    assert set(named) - set(COMMANDS) == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.MULTILINE))
    named = re.findall(r"^ *`?make ([a-z-]+)|`make ([a-z-]+)", code_of(text_of(document)), flags=re.MULTILINE)
    assert {first or second for first, second in named} - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_json_example_parses(document: str) -> None:
    for example in re.findall(r"^```json\n(.*?)^```", text_of(document), flags=re.DOTALL | re.MULTILINE):
        json.loads(example)


def test_every_folder_that_the_readme_lists_exists() -> None:
    folders = re.findall(r"^\| `([a-z/]+/)` \|", text_of("README.md"), flags=re.MULTILINE)
    assert len(folders) >= 8
    assert [folder for folder in folders if not (ROOT / folder).is_dir()] == []


def test_every_file_of_vectors_is_described_and_has_a_generator_and_a_test() -> None:
    vectors = ROOT / "spec" / "vectors"
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    makers = "\n".join(path.read_text() for path in vectors.glob("generate_*.py"))
    files = sorted(vectors.glob("*.json"))
    assert files
    for path in files:
        quoted = re.compile(rf'"{path.stem}(\.json)?"')
        assert json.loads(path.read_text(encoding="utf-8"))["description"], path
        assert quoted.search(makers) or (vectors / f"generate_{path.stem}.py").exists(), path
        assert quoted.search(tests), path


def test_every_specification_points_to_files_of_vectors_that_exist() -> None:
    for path in (ROOT / "spec").glob("*.md"):
        for name in re.findall(r"vectors/([a-z_]+\.(?:json|py))", path.read_text(encoding="utf-8")):
            assert (ROOT / "spec" / "vectors" / name).exists(), f"{path.name}: {name}"


def test_every_decision_is_numbered_once_and_in_order() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "spec" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))
