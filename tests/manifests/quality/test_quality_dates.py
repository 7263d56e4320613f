"""Dates: whatever comes out is EDTF, and names days that the calendar has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.quality.dates import Dates, read_date
from manifests.quality.edtf import span_of
from manifests.quality.issues import Issue

read = Dates("2026-11-23")
days = st.dates().map(lambda day: day.isoformat())


@given(days, st.sampled_from(["{}", "{}T10:00:00Z", "{} 00:00:00", " {} "]))
def test_a_day_is_that_day_whatever_the_time(day: str, form: str) -> None:
    assert read_date(form.format(day)) == (day if day[:4] != "0000" else None)


@given(days, days)
def test_an_interval_runs_forward_or_is_none(one: str, other: str) -> None:
    found = read_date(f"{one}/{other}")
    assert found == (None if other < one else one if one == other else f"{one}/{other}")


@given(st.text(alphabet="0123456789-/ .?~%XxTmay,", max_size=24) | st.text(max_size=30))
def test_whatever_is_read_is_edtf(text: str) -> None:
    found = read_date(text)
    if found:
        span = span_of(found)
        assert span is not None
        assert span.first <= span.last
        assert read_date(found) == found, "reading it again changes nothing"


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("1998-05-00", "1998-05"),
        ("1998-00-00", "1998"),
        ("0000-00-00", ""),
        ("1998-5-2", "1998-05-02"),
        ("19980512", "1998-05-12"),
        ("1998-132", "1998-05-12"),
        ("2007-11-13/15", "2007-11-13/2007-11-15"),
        ("2007-11-13/12-15", "2007-11-13/2007-12-15"),
        ("2007-03-01T13:00:00Z/2008-05-11T15:30:00Z", "2007-03-01/2008-05-11"),
        ("1998-05-12/..", "1998-05-12/.."),
        ("12 May 1998", "1998-05-12"),
        ("May 12, 1998", "1998-05-12"),
        ("Sept. 1901", "1901-09"),
        ("25/12/1998", "1998-12-25"),
        ("12/25/1998", "1998-12-25"),
        ("5/12/1998", None),
        ("c. 1900", "1900~"),
        ("before 1900", "../1900"),
        ("1900?", "1900?"),
        ("189x", "189X"),
        ("1998-21", "1998-21"),
        ("1998-02-30", None),
        ("1998-13-01", None),
        ("Fri Mar 01 00:00:00 CET 1935", "1935-03-01"),
        ("spring 1998", None),
    ],
)
def test_dates_are_read_as_people_publish_them(text: str, edtf: str | None) -> None:
    assert read_date(text) == edtf


@pytest.mark.parametrize(
    ("published", "edtf", "issues"),
    [
        (("1998-05-12", "1998", "5", "12"), "1998-05-12", ()),
        (("1998-05-12", "98", "5", "12"), "1998-05-12", ()),
        (("1998-05-12", "1999", "5", "12"), "1998-05-12", (Issue.RECORDED_DATE_MISMATCH,)),
        (("1998-05-12", "96", "5", "12"), "1998-05-12", (Issue.RECORDED_DATE_MISMATCH,)),
        (("1998-05-12/1998-05-20", "1998", "5", "14"), "1998-05-12/1998-05-20", ()),
        ((None, "1998", "May", "3"), "1998-05-03", ()),
        ((None, "1998.0", "5.0", None), "1998-05", ()),
        (("soon", "1998", None, None), "1998", (Issue.RECORDED_DATE_INVALID,)),
        (("soon", None, None, None), None, (Issue.RECORDED_DATE_INVALID,)),
        ((None, "98", None, None), None, (Issue.RECORDED_DATE_INVALID,)),
        ((None, None, "5", "6"), None, ()),
        (("2030-01-01", None, None, None), "2030-01-01", (Issue.RECORDED_DATE_UNLIKELY,)),
        (("1599-12-31", None, None, None), "1599-12-31", (Issue.RECORDED_DATE_UNLIKELY,)),
        ((None, None, None, None), None, ()),
    ],
)
def test_the_parts_of_a_date_are_held_against_the_whole(
    published: tuple[str | None, ...], edtf: str | None, issues: tuple[Issue, ...]
) -> None:
    found = read(*published)
    assert (found.values[0], found.issues) == (edtf, issues)


def test_a_year_is_told_only_where_all_of_the_time_lies_in_it() -> None:
    assert read("1998-05", None, None, None).values == ("1998-05", 1998)
    assert read("1998/1999", None, None, None).values == ("1998/1999", None)
    assert read("199X", None, None, None).values == ("199X", None)


def test_edtf_of_others_is_read_by_the_same_rules() -> None:
    level_0_and_1 = "1985-04-12 1985-04 1985 1964/2008 2004-06/2006-08 1984? 2004-06~ 2001-21 201X 2004-XX"
    for text in level_0_and_1.split():
        assert span_of(text) is not None, text
    for text in [
        "",
        "../..",
        "1985-4",
        "85",
        "1985-04-31",
        "2004-XX-01",
        "1985/1984",
        "Y17000",
        "1985-04-12T10",
    ]:
        assert span_of(text) is None, text
    assert not re.search("[^0-9X/.~?%-]", "".join(level_0_and_1.split()))
