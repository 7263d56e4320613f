from __future__ import annotations

import json
from typing import Any

import pytest

from manifests.filter import matches, parse_filter
from manifests.filter.comparing import Days, bound, days_of, folded

OAK = {
    "kingdom": "Plantae", "family": "Fagaceae", "genus": "Quercus", "scientificName": "Quercus robur L.",
    "countryCode": "SE", "country": "Sverige", "eventDate": "1998-05-17", "collectionCode": " Herb ",
    "typeStatus": "", "license": "http://example.org/record",
}  # fmt: skip
PICTURE = {"license": "http://creativecommons.org/licenses/by/4.0/", "rights": None}


def fits(tree: Any, specimen: Any = OAK, media: Any = PICTURE) -> bool:
    return matches(parse_filter(json.dumps(tree)), specimen=specimen, media=media)


def eq(field: str, value: str) -> Any:
    return {"eq": {"field": field, "value": value}}


@pytest.mark.parametrize(
    ("taxon", "expected"),
    [
        ("Plantae", True), ("QUERCUS", True), ("quercus robur", True), (" Quercus robur L. ", True),
        ("Quercus rob", False), ("Fungi", False), ("robur", False),
    ],
)  # fmt: skip
def test_a_taxon_has_all_that_lies_below_it(taxon: str, expected: bool) -> None:
    assert fits(eq("taxon", taxon)) is expected
    assert fits({"in": {"field": "taxon", "values": ["Nothing", taxon]}}) is expected


def test_a_condition_holds_for_any_column_of_its_field() -> None:
    assert fits(eq("country", "se"))
    assert fits(eq("country", "Sverige"))
    assert fits(eq("collection", "herb"))
    assert fits({"prefix": {"field": "country", "value": "SV"}})


def test_only_the_letters_a_to_z_lose_their_case() -> None:
    assert folded("  ÅNGSTRÖM ") == "Ångstr\u00d6m".replace("\u00c5", "Å")
    assert not fits(eq("country", "öland"), {"country": "Öland"})
    assert not fits(eq("country", "O\u0308land"), {"country": "\u00d6land"})
    assert fits(eq("country", "ÖLAND"), {"country": "Öland"})
    assert not fits(eq("country", "\u00a0SE"), {"country": "SE"})


def test_what_is_empty_is_not_there() -> None:
    assert not fits({"exists": {"field": "typeStatus"}})
    assert not fits({"exists": {"field": "basisOfRecord"}})
    assert fits({"exists": {"field": "taxon"}})


def test_a_negation_holds_where_there_is_no_value() -> None:
    assert fits({"not": eq("typeStatus", "holotype")})
    assert fits({"not": eq("country", "SE")}, None, None)
    assert not fits(eq("country", "SE"), None, None)


def test_a_licence_is_that_of_the_picture_and_not_of_the_record() -> None:
    assert fits({"prefix": {"field": "licence", "value": "HTTP://creativecommons.org/licenses/by/"}})
    assert not fits(eq("licence", "http://example.org/record"))
    assert not fits({"exists": {"field": "licence"}}, OAK, None)


def test_nothing_is_all_and_something_is_none() -> None:
    assert fits({"and": []})
    assert not fits({"or": []})
    assert not fits({"in": {"field": "taxon", "values": []}})
    assert fits({"and": [eq("taxon", "Quercus"), {"or": [eq("country", "NO"), eq("country", "SE")]}]})


@pytest.mark.parametrize(
    ("event", "year", "days"),
    [
        ("1998-05-17", None, Days("1998-05-17", "1998-05-17")),
        (" 1998-05-17T08:40Z ", None, Days("1998-05-17", "1998-05-17")),
        ("1998-05", None, Days("1998-05-01", "1998-05-31")),
        ("1998", "1997", Days("1998-01-01", "1998-12-31")),
        ("1900/1909", None, Days("1900-01-01", "1909-12-31")),
        ("2007-11-13/15", None, Days("2007-11-13", "2007-11-15")),
        ("2007-11-13/12-02", None, Days("2007-11-13", "2007-12-02")),
        ("2007-03-01T13:00:00Z/2008-05-11T15:30:00Z", None, Days("2007-03-01", "2008-05-11")),
        ("1909/1900", None, None),
        ("2007-11/15", None, None),
        ("17.5.1998", None, None),
        ("17.5.1998", " 1998 ", Days("1998-01-01", "1998-12-31")),
        ("1998-5-7", None, None),
        ("１９９８", "１９９８", None),
        (None, "98", None),
        (None, None, None),
    ],
)
def test_a_date_is_its_first_and_last_day(event: str | None, year: str | None, days: Days | None) -> None:
    assert days_of(event, year) == days


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("1998", "1998", True), ("1998-05", "1998-05", True), ("1998-05-17", None, True),
        (None, "1998-05-17", True), ("1998-05-18", None, False), (None, "1998-04", False),
        ("1999", "1997", False),
    ],
)  # fmt: skip
def test_a_range_has_what_lies_wholly_within_it(first: str | None, last: str | None, expected: bool) -> None:
    ends = {name: end for name, end in (("from", first), ("to", last)) if end}
    assert fits({"range": {"field": "date", **ends}}) is expected


def test_a_year_is_not_within_a_month_of_it() -> None:
    assert not fits(eq("date", "1998-05"), {"eventDate": "1998"})
    assert fits(eq("date", "1998"), {"eventDate": "1998"})
    assert fits({"in": {"field": "date", "values": ["1997", "1998"]}}, {"year": "1998"})


def test_a_month_that_nobody_knows_is_within_its_year() -> None:
    for tree in (eq("date", "1998"), {"range": {"field": "date", "from": "1998", "to": "1998"}}):
        assert fits(tree, {"eventDate": "1998-00-00"})


def test_bounds_are_years_months_or_days() -> None:
    assert bound("1998") == Days("1998", "1998-99-99")
    assert bound("1998-05") == Days("1998-05", "1998-05-99")
    assert bound("1998-05-17") == Days("1998-05-17", "1998-05-17")
    assert bound("1998-05-") is None
