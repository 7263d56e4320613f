"""The page about attacks says what the tests show: each row has its test, and each row is on the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

ROWS: list[dict[str, str]] = json.loads(Path(__file__).with_name("table.json").read_text(encoding="utf-8"))
_COLUMNS = ("attack", "tried", "detected", "by", "rounds", "lost")


def page_table(rows: list[dict[str, str]]) -> list[str]:
    """The rows as the lines of the page's table."""
    return ["| " + " | ".join(row[name] for name in _COLUMNS) + " |" for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["attack"].replace(" ", "-"))
def test_each_row_is_shown_by_a_test(project_root: Path, row: dict[str, str]) -> None:
    path, _, name = row["test"].partition("::")
    assert f"def {name}(" in (project_root / path).read_text(encoding="utf-8")


def test_the_page_has_the_rows_of_the_table(project_root: Path) -> None:
    lines = (project_root / "spec" / "attacks.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("|" + "---|" * len(_COLUMNS)) + 1
    assert lines[start : start + len(ROWS)] == page_table(ROWS)
    assert not lines[start + len(ROWS)].startswith("|")


def test_nothing_is_ever_lost() -> None:
    assert {row["lost"] for row in ROWS} == {"nothing"}
