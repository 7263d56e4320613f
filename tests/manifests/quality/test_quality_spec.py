"""The specification of what is interpreted is true, and names every flag."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pytest

from manifests.quality.issues import BIT, Issue
from manifests.quality.steps import interpreter
from manifests.tables import MEDIA, SPECIMEN
from manifests.tables.interpreted import INTERPRETED


@pytest.fixture(scope="module")
def spec(project_root: Path) -> str:
    return (project_root / "spec" / "quality.md").read_text(encoding="utf-8")


def test_the_example_is_what_the_program_makes_of_it(spec: str) -> None:
    said, made = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", spec, re.DOTALL))
    batch = pa.RecordBatch.from_pylist([{"change": "added", **said}], schema=SPECIMEN.arrow)
    [row] = interpreter("2026-11-23").interpret(SPECIMEN, batch).to_pylist()
    assert {name: row[name] for name in INTERPRETED if row.get(name) is not None} == made
    assert {name: row[name] for name in said} == said


def test_every_flag_is_told_and_no_other(spec: str) -> None:
    cells = [line.split("|")[1] for line in spec.splitlines() if line.startswith("| ")]
    named = {code for cell in cells for code in re.findall(r"\b[A-Z][A-Z_]{6,}\b", cell)}
    assert named == set(Issue)
    assert len(set(BIT.values())) == len(Issue) <= 64, "they fit into one number"


def test_every_interpreted_column_is_ours_and_told() -> None:
    for schema in (SPECIMEN, MEDIA):
        for column in schema.columns:
            if column.name in INTERPRETED:
                assert column.term == f"https://w3id.org/vasculum/ns#{column.name}"
