"""Transcripts of real sheets (DiSSCo's SDR, herbarium HTR) beside what their records say: no false alarm.

What the records say was written down here from the sheets; of what a sheet does not tell, nothing is said.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from node.review.conflicts import Conflict, Record, Said, conflicts_of

RECORDS: dict[str, Record] = {
    "B_10_0841256": {
        "catalogNumber": "B 10 0841256", "country": "Yemen", "eventDate": "1889-02",
        "recordedBy": "Schweinfurth, G. A.", "recordNumber": "1010",
    },
    "B_10_0003450": {
        "catalogNumber": "B 10 0003450", "country": "Australia", "eventDate": "1997-04-08",
        "recordedBy": "T. Dürbye", "recordNumber": "432",
    },
    "EIG.2383": {"catalogNumber": "EIG.2383", "country": "Australia"},
    "P00174417": {"catalogNumber": "P00174417", "country": "France", "eventDate": "1827-07"},
    "BR0000013050016": {"catalogNumber": "BR0000013050016", "country": "United States"},
    "BR0000005575718": {"catalogNumber": "BR0000005575718", "country": "United States", "eventDate": "1832"},
    "BR0000012578290": {"catalogNumber": "BR0000012578290", "country": "Belgium"},
    "BM000668630": {"catalogNumber": "BM000668630", "country": "South Africa", "recordedBy": "Breutel"},
    "BM000521755": {
        "catalogNumber": "BM000521755", "country": "Nepal", "eventDate": "1973-08-06",
        "recordedBy": "S. Einarsson; L. Skärby; B. Wetterhall", "recordNumber": "2769",
    },
    "L.1849538": {
        "catalogNumber": "L 1849538", "country": "Indonesia", "recordedBy": "Bünnemeijer, H.A.B.",
        "recordNumber": "826",
    },
    "E00062704": {
        "catalogNumber": "E00062704", "country": "Papua New Guinea", "eventDate": "1908-11-17",
        "recordedBy": "Schlechter, Friedrich Richard Rudolf",
    },
    "E00065282": {"catalogNumber": "E00065282", "country": "China"},
    "E00392893": {
        "catalogNumber": "E00392893", "countryCode": "CN", "eventDate": "1932",
        "recordedBy": "Joseph F. Rock", "recordNumber": "24804",
    },
    "E00134537": {
        "catalogNumber": "E00134537", "country": "China", "eventDate": "1997-07-14", "recordNumber": "681",
        "recordedBy": "Sino-British Qinghai Expedition, 1997",
    },
    "E00260931": {
        "catalogNumber": "E00260931", "country": "Indonesia", "eventDate": "2007-05-14",
        "recordNumber": "MH1394",
        "recordedBy": "Hughes, Mark; Girmansyah, D.",
    },
}  # fmt: skip
_COMPARED = ("country", "eventDate", "recordedBy", "recordNumber")


@pytest.fixture(scope="module")
def sheets(shared_data: Path) -> dict[str, list[Said]]:
    """The lines of each sheet, as several readers wrote them; its number as a barcode would tell it."""
    folder = shared_data / "annotations" / "DiSSCo+sdr-datasets" / "herbarium" / "HTR"
    found = {}
    for path in sorted(folder.rglob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        name = document["page"]["name"].removesuffix(".jpg")
        if name in RECORDS:
            texts = [line for one in document["transcriptions"] for line in one["transcription"].splitlines()]
            code = Said("code", "barcode", name.replace("_", ""))
            found[name] = [code, *(Said(f"line {n}", "line", text) for n, text in enumerate(texts))]
    assert len(found) == len(RECORDS)
    return found


def alarms(record: Record, said: list[Said]) -> tuple[Conflict, ...]:
    return conflicts_of([record], said)


def test_a_sheet_does_not_contradict_its_own_record(sheets: dict[str, list[Said]]) -> None:
    assert {name: found for name, said in sheets.items() if (found := alarms(RECORDS[name], said))} == {}


def test_a_sheet_under_anothers_record_is_noticed_by_its_barcode_and_mostly_by_its_label(
    sheets: dict[str, list[Said]],
) -> None:
    """Of the pairs that differ in what a label tells, so many are noticed by the label alone."""
    noticed, pairs = 0, 0
    for name, said in sheets.items():
        for other, record in RECORDS.items():
            if other == name:
                continue
            found = {one.reason for one in alarms(record, said)}
            assert "barcode-mismatch" in found
            told = [c for c in _COMPARED if c in record and record.get(c) != RECORDS[name].get(c)]
            pairs += bool(told)
            noticed += bool(told) and bool(found - {"barcode-mismatch"})
    assert noticed / pairs > 0.5
