"""What is found is what the reference of filters says of every record, and it is counted exactly."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.filter import Filter, matches, parse_filter
from manifests.filter.comparing import days_of, folded
from manifests.filter.fields import FIELDS, RANKS
from manifests.filter.words import words_of
from node.search.facet import FACETS
from node.search.run import Asked, search

if TYPE_CHECKING:
    from tests.node.search.conftest import Odd

WORDS = ["a", "b", "é", "É", "ß", "c", "robur", "unknown", "a b", "quercus robur", "a a"]
VALUES = [
    "a",
    "b",
    " A",
    "a b",
    "a-b",
    "É",
    "é",
    "unknown",
    "quercus",
    "QUERCUS robur",
    "cc0-1.0",
    "%",
    "'",
    "_",
]
DEGREES = ["-90", "-1", "-0.5", "0", "0.5", "1", "2", "90"]


def _named(operator: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, field in FIELDS.items() if operator in field.operators])


_texts = st.sampled_from([name for name, field in FIELDS.items() if "prefix" in field.operators])
_dates = st.sampled_from(["1998", "1998-05", "1998-05-17", "1999", "1890"])
_parallels = st.tuples(st.sampled_from(DEGREES), st.sampled_from(DEGREES)).map(
    lambda pair: sorted(pair, key=float)
)
leaves = st.one_of(
    st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, _texts, st.sampled_from(VALUES)),
    st.builds(
        lambda f, v: {"in": {"field": f, "values": v}}, _texts, st.lists(st.sampled_from(VALUES), max_size=25)
    ),
    st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, _texts, st.sampled_from(VALUES)),
    st.builds(lambda f: {"exists": {"field": f}}, _named("exists")),
    st.builds(lambda f, v: {"match": {"field": f, "value": v}}, _named("match"), st.sampled_from(WORDS)),
    st.builds(lambda v: {"match": {"field": "text", "value": v}}, st.sampled_from(WORDS)),
    st.builds(lambda a, b: {"range": {"field": "date", "from": a, "to": b}}, _dates, _dates),
    st.builds(lambda v: {"eq": {"field": "date", "value": v}}, _dates),
    st.builds(
        lambda w, p, e: {"box": {"field": "place", "west": w, "south": p[0], "east": e, "north": p[1]}},
        st.sampled_from(DEGREES), _parallels, st.sampled_from(DEGREES),
    ),
)  # fmt: skip
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=5,
)


def _fits(tree: Filter, specimen: Any, media: list[Any]) -> bool:
    return any(matches(tree, specimen=specimen, media=one) for one in media or [None])


@settings(max_examples=40)
@given(trees)
def test_a_record_is_found_if_the_filter_holds_for_it_with_one_of_its_media(odd: Odd, tree: Any) -> None:
    _found_as_it_fits(odd, tree)


@pytest.mark.slow
@settings(max_examples=300)
@given(trees)
def test_a_record_is_found_by_many_filters_that_hold_for_it(odd: Odd, tree: Any) -> None:
    _found_as_it_fits(odd, tree)


def _found_as_it_fits(odd: Odd, tree: Any) -> None:
    read = parse_filter(json.dumps(tree))
    found = search(odd.database, Asked(read, limit=1000))
    expected = {
        number for number, (specimen, media) in enumerate(odd.records, 1) if _fits(read, specimen, media)
    }
    assert {hit.row.row for hit in found.hits} == expected
    assert found.total == len(expected) == len(found.hits)


def _of_facet(name: str, specimen: Any, media: list[Any]) -> set[str]:
    if name in ("century", "decade", "year"):
        read = specimen.get("interpretedYear")
        days = days_of(specimen.get("eventDate"), specimen.get("year"),
                       read_date=specimen.get("interpretedEventDate"),
                       read_year=None if read is None else str(read))  # fmt: skip
        digits, rest = {"century": (2, "00s"), "decade": (3, "0s"), "year": (4, "")}[name]
        whole = days and days[0][:digits] == days[1][:digits]
        return {days[0][:digits] + rest} if days and whole else set()
    if name == "license":
        return {value for one in media if (value := folded(one.get("licenseSPDX")))}
    columns = {
        "scientificName": ("interpretedName", "scientificName"),
        "country": ("interpretedCountryCode", "countryCode", "country"),
        "institution": ("institutionCode", "institutionID"),
        "collection": ("collectionCode", "collectionID"),
        "typeStatus": ("interpretedTypeStatus", "typeStatus"),
        "basisOfRecord": ("interpretedBasisOfRecord", "basisOfRecord"),
        "flag": ("qualityFlags",),
    }.get(name, (name,))
    value = next((value for column in columns if (value := folded(specimen.get(column)))), None)
    if value is None:
        return set()
    separators = {"flag": " ", "typeStatus": " | "}
    return set(value.split(separators[name])) - {""} if name in separators else {value}


@settings(max_examples=30)
@given(st.none() | trees, st.lists(st.sampled_from(sorted(FACETS)), min_size=1, max_size=4, unique=True))
def test_facets_count_every_record_that_fits_once_for_each_value(odd: Odd, tree: Any, names: Any) -> None:
    read = None if tree is None else parse_filter(json.dumps(tree))
    found = search(odd.database, Asked(read, limit=0, facets=names, values=1000))
    for facet in found.facets:
        expected: Counter[str] = Counter()
        missing = 0
        for specimen, media in odd.records:
            fitting = [
                one for one in media or [{}] if read is None or matches(read, specimen=specimen, media=one)
            ]
            if fitting:
                values = _of_facet(facet.name, specimen, fitting)
                expected.update(values)
                missing += not values
        assert {folded(value): records for value, records in facet.values} == dict(expected)
        assert (facet.distinct, facet.missing) == (len(expected), missing)


@given(
    st.sampled_from(["name", "-name", "date", "-date", "country", "collection", "-type"]),
    st.integers(40, 150),
)
@settings(max_examples=8)
def test_pages_give_every_record_once_in_one_order(odd: Odd, sort: str, limit: int) -> None:
    whole = [hit.row for hit in search(odd.database, Asked(sort=sort, limit=1000)).hits]
    paged, after = [], None
    while True:
        found = search(odd.database, Asked(sort=sort, limit=limit, after=after))
        paged += [hit.row for hit in found.hits]
        after = found.next
        if after is None:
            break
    assert paged == whole
    assert len(set(paged)) == len(odd.records)


def test_words_of_all_columns_are_found_together(odd: Odd) -> None:
    names = {column.name for column in FIELDS["text"].columns}
    for specimen, _ in odd.records[:10]:
        words = [word for name in sorted(names) for word in words_of(specimen.get(name))][:6]
        if words:
            tree = parse_filter(json.dumps({"match": {"field": "text", "value": " ".join(words)}}))
            assert specimen in [
                odd.records[hit.row.row - 1][0] for hit in search(odd.database, Asked(tree, limit=1000)).hits
            ]


def test_every_rank_can_be_counted_and_asked() -> None:
    assert set(RANKS) <= set(FACETS)
    assert set(RANKS) <= set(FIELDS)


_counted = given(trees, st.lists(st.sampled_from(sorted(FACETS)), max_size=4, unique=True))


@settings(max_examples=20)
@_counted
def test_what_fits_is_counted_alike_however_it_is_looked_for(odd: Odd, tree: Any, names: Any) -> None:
    _counted_alike(odd, tree, names)


@pytest.mark.slow
@settings(max_examples=150)
@_counted
def test_what_fits_many_filters_is_counted_alike(odd: Odd, tree: Any, names: Any) -> None:
    _counted_alike(odd, tree, names)


def _counted_alike(odd: Odd, tree: Any, names: Any) -> None:
    asked = Asked(parse_filter(json.dumps(tree)), limit=300, facets=names, values=1000)
    kept = search(odd.database, asked)
    with pytest.MonkeyPatch.context() as patch:
        # Nothing is kept, no numbers stand in the query, and those of more than half have a bit each.
        for limit, value in {
            "matched._FEW": 3,
            "matched._MANY": 3,
            "where._LISTED": 0,
            "where._RANGES": 0,
        }.items():
            patch.setattr(f"node.search.{limit}", value)
        for sparse in (1, 2):
            patch.setattr("node.search.where._SPARSE", sparse)
            assert search(odd.database, asked) == kept
