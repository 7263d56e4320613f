"""What contradicts a record, and what only looks so."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.quality.edtf import Span
from node.review.conflicts import Record, Said, conflicts_of
from node.review.conflicts.barcodes import same_number
from node.review.conflicts.dates import dates_in

RECORD: Record = {
    "catalogNumber": "BR0000013050016", "institutionCode": "BR", "country": "Belgium",
    "eventDate": "1931-06-09", "recordedBy": "M. Žižkalová; J. Müller", "recordNumber": "58",
    "locality": "Pavlov, at the road to Sweden",
}  # fmt: skip


def reasons(*lines: str, kind: str = "line", record: Record = RECORD, confidence: float = 0.9) -> list[str]:
    said = [Said(f"s{n}", kind, text, confidence=confidence) for n, text in enumerate(lines)]
    return [one.reason for one in conflicts_of([record], said)]


@pytest.mark.parametrize(
    "code",
    ["BR0000013050016", "br 0000013050016", "13050016", "0000013050016", "BR-13050016",
     "https://www.botanicalcollections.be/specimen/BR0000013050016"],
)  # fmt: skip
def test_a_number_written_in_another_way_is_the_same(code: str) -> None:
    assert reasons(code, kind="barcode") == []


@pytest.mark.parametrize("code", ["BR0000013050023", "E13050016", "1305001", "BR00000130500161"])
def test_another_number_is_told_once_nothing_in_the_picture_fits(code: str) -> None:
    assert reasons(code, kind="barcode") == ["barcode-mismatch"]
    assert reasons(code, "BR0000013050016", kind="barcode") == []


def test_codes_that_are_no_numbers_and_records_without_number_contradict_nobody() -> None:
    assert reasons("QA", "A4", kind="barcode") == []
    assert reasons("123456", kind="barcode", record={"country": "Belgium"}) == []


@given(st.integers(100, 10**9), st.integers(0, 12), st.sampled_from(["", "B", "MDS", "HERB "]))
def test_leading_zeros_and_acronyms_make_no_other_number(number: int, zeros: int, letters: str) -> None:
    record = {"institutionCode": letters.strip(), "catalogNumber": f"{letters}{number}"}
    assert reasons("0" * zeros + str(number), kind="barcode", record=record) == []
    assert same_number(f"X{number}", f"X{'0' * zeros}{number}", {})
    assert reasons(f"{letters}{number + 1}", kind="barcode", record=record) == ["barcode-mismatch"]


@pytest.mark.parametrize("line", ["Sverige.", "SWEDEN: Skåne", "Flora of Sweden", "Lund, Schweden"])
def test_a_country_is_understood_in_many_languages(line: str) -> None:
    assert reasons(line, record={**RECORD, "locality": None}) == ["country-mismatch"]
    assert reasons(line, "Belgique", record={**RECORD, "locality": None}) == []
    assert reasons(line, record={"country": "Sweden"}) == []


@pytest.mark.parametrize(
    "line",
    ["at the road to Sweden", "Canada goldenrod", "Vietnam Memorial Park",
     "Museum of Natural History, Sweden",
     "det. A. Brandt, Sweden", "Stewart Island", "New Mexico: Taos"],
)  # fmt: skip
def test_a_name_that_tells_no_country_of_collecting_contradicts_nobody(line: str) -> None:
    assert reasons(line) == []


@pytest.mark.parametrize(
    "line",
    ["9 June 1930", "9.VI.1930", "9. 6. 1930", "June 9, 1930", "1930-06-09", "9 juin 1930", "9 giugno 1930",
     "9-vi-1930", "9th Juni 1930", "Jun. 1930"],
)  # fmt: skip
def test_a_date_is_read_in_many_forms(line: str) -> None:
    assert reasons(line) == ["date-mismatch"]
    assert reasons(line.replace("1930", "1931")) == []
    assert reasons(line, record={**RECORD, "eventDate": "1930-05-30/1930-06-12"}) == []
    assert reasons(line, record={**RECORD, "eventDate": "1930"}) == []


def test_dates_of_others_than_the_collector_and_bare_years_contradict_nobody() -> None:
    assert reasons("det. A. Brandt 4.V.1970", "Herbarium Brno 1.1.1999", "1899", "Imaged 2012-01-03") == []


@given(st.dates(date(1700, 1, 1), date(2020, 12, 31)), st.sampled_from(["{d}.{m}.{y}", "{d}. {r}. {y}"]))
def test_a_date_that_was_written_is_among_those_that_are_read(day: date, form: str) -> None:
    roman = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")[day.month - 1]
    text = form.format(d=day.day, m=day.month, y=day.year, r=roman)
    assert Span(day.isoformat(), day.isoformat()) in dates_in(text)


@given(st.text(max_size=80))
def test_whatever_a_label_says_it_is_read_and_contradicts_only_what_is_recorded(text: str) -> None:
    reasons(text)
    assert reasons(text, record={}) == []
    assert reasons(text, confidence=0.5) == []


def test_a_collector_is_told_only_where_marked_and_nothing_is_like_the_recorded_one() -> None:
    assert reasons("leg. E. Lindqvist") == ["collector-mismatch"]
    assert reasons("leg. Zizkalova") == []
    assert reasons("leg. E. Lindqvist", "Zižkalowá") == []
    assert reasons("E. Lindqvist") == []


def test_a_number_is_told_only_where_marked_and_the_recorded_one_stands_nowhere() -> None:
    assert reasons("No. 1044") == ["number-mismatch"]
    assert reasons("No. 1044", "58") == []
    assert reasons("Herbarium No. 1044", "1044") == []
    assert reasons("No. 13050016") == []
    assert reasons("No. 1044", "Nr. 77") == []


def test_an_item_tells_where_and_both_values() -> None:
    said = Said("hash://sha256/x#1", "line", "9.VI.1930", "xywh=pixel:1,2,3,4", 0.8)
    (found,) = conflicts_of([RECORD], [said])
    assert (found.subject, found.region, found.confidence) == (said.subject, said.region, 0.8)
    assert (found.column, found.read, found.recorded) == ("eventDate", "1930-06-09", "1931-06-09")


def test_a_picture_of_several_records_is_judged_by_its_barcode_alone() -> None:
    other = {**RECORD, "catalogNumber": "BR0000000000777", "country": "Sweden"}
    said = [Said("a", "line", "Norway:"), Said("b", "barcode", "BR0000000000777")]
    assert conflicts_of([RECORD, other], said) == ()
    assert conflicts_of([], said) == ()
