from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from manifests.errors import FilterRefused
from manifests.filter import And, Eq, Filter, Match, filter_text, matches, parse_filter, read_filter, written
from manifests.filter.checks import DEEPEST, LONGEST_LIST, MOST_NODES
from manifests.filter.comparing import after, before
from manifests.filter.fields import FIELDS
from manifests.filter.words import words_of

VALUES = [
    "Quercus",
    "quercus robur",
    "a.b",
    '"',
    "\\",
    "a*",
    "*",
    "(x)",
    "a,b",
    "NOT",
    "é",
    "http://a/b?c=1",
    "-",
]
values = st.sampled_from(VALUES) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
).filter(lambda text: text.strip(" ") != "")
worded = values.filter(lambda text: words_of(text) != ())
dates = st.sampled_from(["1900", "1998-05", "1998-05-17"])
degrees = st.sampled_from(["-90", "-0.5", "0", "0.0000001", "12.25", "90"])


def named(operator: str) -> st.SearchStrategy[str]:
    return st.sampled_from([name for name, field in FIELDS.items() if operator in field.operators])


leaves = st.one_of(
    st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, named("prefix"), values),
    st.builds(lambda f, v: {"in": {"field": f, "values": v}}, named("prefix"), st.lists(values, max_size=4)),
    st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, named("prefix"), values),
    st.builds(lambda f, v: {"match": {"field": f, "value": v}}, named("match"), worded),
    st.builds(lambda f: {"exists": {"field": f}}, named("exists")),
    st.builds(lambda v: {"eq": {"field": "date", "value": v}}, dates),
    st.builds(lambda a, b: {"range": {"field": "date", "from": a, "to": b}}, dates, dates),
    st.builds(lambda a: {"range": {"field": "date", "from": a}}, dates),
    st.builds(lambda b: {"range": {"field": "date", "to": b}}, dates),
    st.builds(
        lambda w, s, e: {"box": {"field": "place", "west": w, "south": s[0], "east": e, "north": s[1]}},
        degrees, st.tuples(degrees, degrees).map(lambda pair: sorted(pair, key=float)), degrees,
    ),
    st.builds(
        lambda c: {"polygon": {"field": "place", "corners": c}},
        st.lists(st.lists(degrees, min_size=2, max_size=2), min_size=3, max_size=5),
    ),
)  # fmt: skip
numbers = st.sampled_from(["0", "-0.25", "12.50", "999999999999999999"])
found = st.one_of(
    st.builds(lambda f, v: {"eq": {"field": f, "value": v}},
              st.sampled_from(["has", "by", "unit", "language"]), values),
    st.builds(lambda v: {"in": {"field": "has", "values": v}}, st.lists(values, max_size=3)),
    st.builds(lambda v: {"prefix": {"field": "by", "value": v}}, values),
    st.builds(lambda f: {"exists": {"field": f}}, st.sampled_from(["value", "confidence", "has", "by"])),
    st.builds(lambda v: {"match": {"field": "ocr", "value": v}}, st.sampled_from(["Crépin", "a b"])),
    st.builds(lambda v: {"eq": {"field": "review", "value": v}}, st.sampled_from(["accepted", "none"])),
    st.just({"eq": {"field": "finding", "value": "human"}}),
    st.builds(lambda low, first: {"between": {"field": "confidence", low: first}},
              st.sampled_from(["from", "over", "to", "under"]), numbers),
    st.builds(lambda low, first, high, last: {"between": {"field": "value", low: first, high: last}},
              st.sampled_from(["from", "over"]), numbers, st.sampled_from(["to", "under"]), numbers),
    st.builds(lambda k, n: {"and": [{"eq": {"field": "has", "value": k}},
                                    {"between": {"field": "value", "under": n}}]},
              st.sampled_from(["sharpness", "my-kind", "a b"]), numbers),
)  # fmt: skip


def joined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    )


findings = st.recursive(found, joined, max_leaves=4).map(lambda part: {"finding": part})
trees = st.recursive(leaves | findings, joined, max_leaves=6)


def _plain(tree: Any) -> Any:
    """A tree as its text says it: a list of one condition is that condition."""
    ((operator, content),) = tree.items()
    if operator in ("and", "or"):
        parts = [_plain(part) for part in content]
        return parts[0] if len(parts) == 1 else {operator: parts}
    return {operator: _plain(content)} if operator in ("not", "finding") else tree


@given(trees)
@example({"eq": {"field": "taxon", "value": "*"}})
@example({"prefix": {"field": "taxon", "value": "a*"}})
@example({"not": {"and": [{"or": []}]}})
def test_a_filter_reads_back_from_its_text(tree: Any) -> None:
    read = parse_filter(json.dumps(tree))
    again = read_filter(written(read))
    assert json.loads(filter_text(again)) == _plain(tree)
    assert written(again) == written(read)


ROW = {
    "family": "Fagaceae",
    "genus": "Quercus",
    "countryCode": "BE",
    "eventDate": "1898-05-17",
    "locality": "Old park",
}


@pytest.mark.parametrize(
    ("text", "canonical", "fits"),
    [
        ("taxon:Fagaceae AND country:BE AND year<1900 AND NOT license:unknown",
         "taxon:Fagaceae AND country:BE AND date<=1899 AND NOT license:unknown", False),
        ("taxon:Fagaceae country:BE", "taxon:Fagaceae AND country:BE", True),
        ("country:NL OR country:BE family:Fagaceae", "country:NL OR (country:BE AND family:Fagaceae)", True),
        ("(country:NL OR country:BE) date>1898", "(country:NL OR country:BE) AND date>=1899", False),
        ("NOT NOT country:be", "NOT NOT country:be", True),
        ("park", "text~park", True),
        ('"old  PARK"', 'text~"old  PARK"', True),
        ("locality~park", "locality~park", True),
        ("text:old", "text~old", True),
        ("country:(NL, BE)", "country:(NL, BE)", True),
        ("taxon:()", "taxon:()", False),
        ("taxon:Querc*", "taxon:Querc*", True),
        ('taxon:"Querc"*', "taxon:Querc*", True),
        ("typeStatus:*", "typeStatus:*", False),
        ("date:1890..1899-12", "date:1890..1899-12", True),
        ("date<1898-05-18", "date<=1898-05-17", True),
        ("place:box(2, 50, 3, 51)", "place:box(2, 50, 3, 51)", False),
        ("place:polygon(2 50, 3 50, 3 51)", "place:polygon(2 50, 3 50, 3 51)", False),
        ("ALL", "ALL", True),
        ("NONE", "NONE", False),
        ("\n taxon : Fagaceae\n\tAND country:BE ", "taxon:Fagaceae AND country:BE", True),
    ],
)  # fmt: skip
def test_the_text_form_says_what_it_looks_like(text: str, canonical: str, fits: bool) -> None:
    tree = read_filter(text)
    assert written(tree) == canonical
    assert matches(tree, specimen=ROW, media=None) is fits


@pytest.mark.parametrize(
    ("text", "line", "column", "problem"),
    [
        ("", 1, 1, "a condition is expected, not the end"),
        ("taxon:", 1, 7, "a value is missing"),
        ("taxon:Fagaceae AND contry:BE", 1, 20, "did you mean 'country'"),
        ("taxon:a AND\n  frobnicate:b", 2, 3, "is no field"),
        ("taxon:a AND", 1, 12, "a condition is expected"),
        ("OR taxon:a", 1, 1, "a condition is expected, not 'OR'"),
        ("(taxon:a", 1, 9, "not closed"),
        ("taxon:a)", 1, 8, "has no place here"),
        ("taxon:(a b)", 1, 10, "comma"),
        ("taxon:(a*)", 1, 8, "cannot stand in a list"),
        ('taxon:"a', 1, 7, "does not end"),
        ("taxon<a", 1, 6, "cannot be asked with 'range'"),
        ("date:may", 1, 6, "is no date"),
        ("date:1900..may", 1, 12, "is no date"),
        ("date<0000", 1, 6, "no date lies < 0000"),
        ("place:here", 1, 7, "box(west, south, east, north)"),
        ("place:box(1, 2, 3)", 1, 7, "four sides"),
        ("place:box(1, 2, 3, 95)", 1, 20, "no latitude"),
        ("place:box(1, 2, 3, 1)", 1, 7, "north of its north"),
        ("place:polygon(1 2, 3 4)", 1, 7, "3 to 500"),
        ("text:*", 1, 6, "takes match"),
        ("~~~", 1, 1, "a condition is expected"),
        ("!!", 1, 1, "no word"),
        ("taxon:a\x00b", 1, 7, "control character"),
        ("taxon:\ud800", 1, 7, "half of a character"),
    ],
)
def test_what_is_refused_is_pointed_at(text: str, line: int, column: int, problem: str) -> None:
    with pytest.raises(FilterRefused) as caught:
        read_filter(text)
    assert caught.value.where == f"line {line}, column {column}"
    first, shown, caret = str(caught.value).split("\n")
    assert problem in first
    assert caret == " " * (4 + column - 1) + "^"
    assert shown.startswith("    ")


def test_a_long_line_is_shown_around_the_fault() -> None:
    with pytest.raises(FilterRefused) as caught:
        read_filter("a " * 100 + "frobnicate:b" + " a" * 50)
    _, shown, caret = str(caught.value).split("\n")
    assert shown[caret.index("^") :].startswith("frobnicate:b")
    assert len(shown) < 80


def test_each_limit_admits_the_last_and_refuses_the_next() -> None:
    for make, most in (
        (lambda n: " ".join(["a"] * (n - 1)), MOST_NODES),
        (lambda n: "NOT " * (n - 1) + "a", DEEPEST),
        (lambda n: f"taxon:({','.join(['a'] * n)})", LONGEST_LIST),
    ):
        read_filter(make(most))
        with pytest.raises(FilterRefused, match=f"at most {most}"):
            read_filter(make(most + 1))


@pytest.mark.parametrize(
    "text",
    ["(" * 60_000, "NOT " * 15_000, "a" * 65_537, "taxon:(" + "a," * 30_000, '"' * 60_001, "a:" * 30_000],
)
def test_a_hostile_text_is_refused_before_it_costs_anything(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(FilterRefused):
        read_filter(text)
    assert time.process_time() - begun < 0.5


@given(
    st.text(max_size=60)
    | st.lists(st.sampled_from([*'()",*:~<>.ab \\', "AND ", "date", "taxon:"])).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        tree: Filter = read_filter(text)
    except FilterRefused:
        return
    assert written(read_filter(written(tree))) == written(tree)


def test_either_form_is_read() -> None:
    assert read_filter(' {"and":[]}') == And(()) == read_filter("ALL")
    assert read_filter("taxon:Bellis") == Eq(FIELDS["taxon"], "Bellis")
    assert read_filter("Bellis") == Match(FIELDS["text"], "Bellis")
    with pytest.raises(FilterRefused, match=r"at \$"):
        read_filter("[1]")


@given(dates | st.from_regex(r"[0-9]{4}(-[0-9]{2}){0,2}", fullmatch=True))
def test_the_date_before_the_one_after_is_the_date(date: str) -> None:
    later = after(date)
    if later is not None:
        assert later > date
        assert before(later) == date
