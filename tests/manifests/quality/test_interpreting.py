"""Interpreting a batch: published values stay, interpreted ones come beside them, and codes are counted."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.quality.distinct import distinct
from manifests.quality.interpreter import issue_counts
from manifests.quality.steps import interpreter
from manifests.schema import TableSchema
from manifests.tables import CAPTURE, MEDIA, SPECIMEN
from manifests.tables.interpreted import INTERPRETED

TODAY = "2026-11-23"
Row = dict[str, str | None]
_PUBLISHED = (
    "country",
    "decimalLatitude",
    "decimalLongitude",
    "eventDate",
    "year",
    "scientificName",
    "genus",
)
_VALUES = st.sampled_from([None, "", "x", "Austria", "47.3", "10.4", "1998", "1998-05-12", "Quercus robur"])
rows = st.lists(st.fixed_dictionaries(dict.fromkeys(_PUBLISHED, _VALUES)), min_size=1, max_size=20)


def batch_of(schema: TableSchema, said: list[Row], change: str = "added") -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([{"change": change, **row} for row in said], schema=schema.arrow)


@settings(max_examples=25, deadline=None)
@given(rows)
def test_no_published_value_is_touched(said: list[Row]) -> None:
    batch = batch_of(SPECIMEN, said)
    found = interpreter(TODAY).interpret(SPECIMEN, batch)
    assert found.schema.equals(SPECIMEN.arrow)
    published = [name for name in SPECIMEN.names if name not in INTERPRETED]
    assert found.select(published).equals(batch.select(published))


@settings(max_examples=15, deadline=None)
@given(rows)
def test_a_row_means_the_same_whatever_rows_stand_beside_it(said: list[Row]) -> None:
    together = interpreter(TODAY).interpret(SPECIMEN, batch_of(SPECIMEN, said)).to_pylist()
    alone = interpreter(TODAY)
    assert together == [alone.interpret(SPECIMEN, batch_of(SPECIMEN, [row])).to_pylist()[0] for row in said]


@given(st.lists(st.tuples(*[st.sampled_from([None, "", "a", "b"])] * 3)))
def test_different_rows_are_found_once_each(said: list[tuple[str | None, ...]]) -> None:
    columns = [pa.array([row[place] for row in said], pa.string()) for place in range(3)]
    found, places = distinct(columns)
    assert [found[place] for place in places] == said
    assert len(set(found)) == len(found)


def test_codes_stand_sorted_in_one_column_and_are_counted() -> None:
    said: list[Row] = [{"country": "Atlantis", "eventDate": "soon"}, {"country": "Atlantis"}]
    found = interpreter(TODAY).interpret(SPECIMEN, batch_of(SPECIMEN, said))
    assert found.column("qualityFlags").to_pylist() == [
        "COUNTRY_INVALID NAME_MISSING RECORDED_DATE_INVALID SPECIMEN_URI_MISSING",
        "COUNTRY_INVALID NAME_MISSING SPECIMEN_URI_MISSING",
    ]
    counts = {"COUNTRY_INVALID": 2, "NAME_MISSING": 2, "SPECIMEN_URI_MISSING": 2, "RECORDED_DATE_INVALID": 1}
    assert issue_counts(found) == counts


def test_media_have_licences_and_other_tables_nothing() -> None:
    said: list[Row] = [{"license": "https://creativecommons.org/licenses/by/4.0/"}]
    found = interpreter(TODAY).interpret(MEDIA, batch_of(MEDIA, said))
    assert found.to_pylist()[0]["licenseSPDX"] == "CC-BY-4.0"
    capture = pa.RecordBatch.from_pylist([{"url": "https://x.example"}], schema=CAPTURE.arrow)
    assert interpreter(TODAY).interpret(CAPTURE, capture) is capture
    assert issue_counts(capture) == {}


def test_a_row_that_is_gone_keeps_what_it_had() -> None:
    before: Row = {"country": "Austria", "interpretedCountryCode": "XX", "qualityFlags": None}
    found = interpreter(TODAY).interpret(SPECIMEN, batch_of(SPECIMEN, [before], "removed")).to_pylist()[0]
    assert (found["interpretedCountryCode"], found["qualityFlags"]) == ("XX", None)
