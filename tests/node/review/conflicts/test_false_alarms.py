"""How often records contradict what their own labels say: measured, and held (docs/analyzers.md)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzers.builtin.barcodes import read as read_codes
from analyzers.builtin.label_text import ANALYZER
from analyzers.models.origin import find_model
from analyzers.picture.picture import Picture
from hashstore.digest import Digest
from node.museum.catalogue import specimens
from node.museum.drawings import drawings_of
from node.review.conflicts import Record, Said, conflicts_of

_AS_ON_LABELS = ("verbatimEventDate", "locality", "verbatimLocality", "habitat", "occurrenceRemarks")


def _archives(shared_data: Path) -> Iterator[list[dict[str, str]]]:
    for path in sorted((shared_data / "dwca" / "bio-guoda+preston-sernec").rglob("*")):
        if path.is_file() and path.stat().st_size > 1_000_000 and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive, archive.open("occurrences.csv") as file:
                text = io.TextIOWrapper(file, "utf-8", errors="replace", newline="")
                yield [row for number, row in enumerate(csv.DictReader(text)) if number % 5 == 0]


@pytest.mark.slow
def test_real_records_seldom_contradict_the_words_that_were_copied_from_their_labels(
    shared_data: Path,
) -> None:
    """Each alarm of the seven archives was looked at: all are slips in the data."""
    alarms: Counter[str] = Counter()
    records = 0
    for rows in _archives(shared_data):
        for row in rows:
            lines = [row[name] for name in _AS_ON_LABELS if row.get(name)]
            lines += [f"Coll. {row['recordedBy']} No. {row['recordNumber']}"] if row["recordedBy"] else []
            said = [Said(f"s{n}", "line", line) for n, line in enumerate(lines)]
            # Without its locality: that it tells of a place excuses much.
            alarms.update(one.reason for one in conflicts_of([{**row, "locality": None}], said))
            records += 1
    assert records > 18_000
    assert sum(alarms.values()) <= 8, alarms


@pytest.mark.slow
def test_drawn_sheets_contradict_no_record_of_theirs_and_nearly_any_other(drawings_directory: Path) -> None:
    records = {one.catalog_number: _record(dict(one.facts), one.catalog_number) for one in specimens(1)}
    models = {model.name: find_model(model) for model in ANALYZER.description.models}
    read = ANALYZER.prepare(
        {"longest": 2000, "least": "0.5"}, {name: path for name, path in models.items() if path}
    )
    noticed = pairs = 0
    for name, drawing in sorted(drawings_of(specimens(1)[:10], drawings_directory).items()):
        picture = Picture(Digest.of(drawing.jpeg), drawing.jpeg)
        found = [one for one in (*read_codes(picture), *read(picture)) if one.text]
        said = [
            Said(f"s{n}", one.kind, one.text or "", None, float(one.confidence or 1))
            for n, one in enumerate(found)
        ]
        for number, record in records.items():
            reasons = {one.reason for one in conflicts_of([record], said)}
            if number == name:
                assert not reasons, name
                continue
            assert "barcode-mismatch" in reasons
            pairs, noticed = pairs + 1, noticed + (len(reasons) > 1)
    assert pairs > 200
    assert noticed / pairs > 0.95


def _record(facts: dict[str, str], number: str) -> Record:
    return {
        **{name: value or None for name, value in facts.items()},
        "catalogNumber": number,
        "institutionCode": "MDS",
    }
