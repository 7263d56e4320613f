from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import FilterRefused
from manifests.filter import And, Eq, filter_text, parse_filter
from manifests.filter.fields import FIELDS
from manifests.filter.parse import DEEPEST, LONGEST_LIST, LONGEST_TEXT, MOST_NODES

TRUE: Any = {"and": []}
words = st.sampled_from(["Quercus", "quercus robur", "SE", "a", "é", "𝄞"])
dates = st.sampled_from(["1900", "1998-05", "1998-05-17"])


def box(**sides: Any) -> Any:
    return {"box": {"field": "place", "west": "0", "south": "0", "east": "1", "north": "1", **sides}}


def polygon(*corners: Any) -> Any:
    return {"polygon": {"field": "place", "corners": list(corners)}}


def _leaves() -> st.SearchStrategy[Any]:
    texts = st.sampled_from([name for name, field in FIELDS.items() if "prefix" in field.operators])
    worded = st.sampled_from([name for name, field in FIELDS.items() if "match" in field.operators])
    there = st.sampled_from([name for name, field in FIELDS.items() if "exists" in field.operators])
    degrees = st.integers(-90, 90).map(str) | st.sampled_from(["0.5", "-0.0000001", "89.9999999"])
    parallels = st.tuples(degrees, degrees).map(lambda pair: sorted(pair, key=float))
    return st.one_of(
        st.builds(lambda f, v: {"match": {"field": f, "value": v}}, worded, words),
        st.builds(lambda w, p, e: box(west=w, south=p[0], east=e, north=p[1]), degrees, parallels, degrees),
        st.builds(lambda c: polygon(*c), st.lists(st.lists(degrees, min_size=2, max_size=2), min_size=3)),
        st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, texts, words),
        st.builds(lambda f, v: {"in": {"field": f, "values": v}}, texts, st.lists(words, max_size=20)),
        st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, texts, words),
        st.builds(lambda f: {"exists": {"field": f}}, there),
        st.builds(lambda a, b: {"range": {"field": "date", "from": a, "to": b}}, dates, dates),
        st.builds(lambda v: {"in": {"field": "date", "values": v}}, st.lists(dates, max_size=3)),
    )


trees = st.recursive(
    _leaves(),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=8,
)


@given(trees)
def test_a_filter_reads_back_from_its_one_written_form(tree: Any) -> None:
    read = parse_filter(json.dumps(tree))
    text = filter_text(read)
    assert json.loads(text) == tree
    assert parse_filter(text) == read
    assert filter_text(parse_filter(text)) == text


def test_members_may_come_in_any_order_and_with_any_spaces() -> None:
    spaced = ' { "eq" : { "value" : "Bellis", "field" : "taxon" } } '
    assert parse_filter(spaced) == Eq(FIELDS["taxon"], "Bellis")
    assert parse_filter(b'{"and":[]}') == And(())


@pytest.mark.parametrize(
    ("tree", "where", "problem"),
    [
        (None, "$", "object with one member"),
        ([], "$", "object with one member"),
        ({}, "$", "object with one member"),
        ({"and": [], "or": []}, "$", "object with one member"),
        ({"xor": []}, "$.xor", "no operator"),
        ({"; DROP TABLE leaf": []}, "$", "no operator"),
        ({"and": TRUE}, "$.and", "list of filters"),
        ({"and": [TRUE, {"or": [TRUE, 7]}]}, "$.and[1].or[1]", "object with one member"),
        ({"not": []}, "$.not", "object with one member"),
        ({"eq": "x"}, "$.eq", '"field"'),
        ({"eq": {"value": "x"}}, "$.eq.field", "this is no field"),
        ({"eq": {"field": "analyzer", "value": "x"}}, "$.eq.field", "'analyzer' is no field"),
        ({"eq": {"field": "qqq", "value": "x"}}, "$.eq.field", "there are taxon"),
        ({"eq": {"field": "contry", "value": "x"}}, "$.eq.field", "did you mean 'country'"),
        ({"eq": {"field": "taxon"}}, "$.eq.value", "must be a text"),
        ({"eq": {"field": "taxon", "value": 7}}, "$.eq.value", "must be a text"),
        ({"eq": {"field": "taxon", "value": "  "}}, "$.eq.value", "exists"),
        ({"eq": {"field": "taxon", "value": "a\nb"}}, "$.eq.value", "control"),
        ({"eq": {"field": "taxon", "value": "a\x7fb"}}, "$.eq.value", "control"),
        ({"eq": {"field": "taxon", "value": "x", "case": True}}, "$.eq", "'case' has no place"),
        ({"eq": {"field": "date", "value": "May 1998"}}, "$.eq.value", "no date"),
        ({"eq": {"field": "date", "value": " 1998"}}, "$.eq.value", "no date"),
        ({"prefix": {"field": "date", "value": "19"}}, "$.prefix", "takes eq, in, range, exists"),
        ({"range": {"field": "taxon", "from": "a"}}, "$.range", "takes eq, in, exists, prefix"),
        ({"range": {"field": "date"}}, "$.range", '"from"'),
        ({"range": {"field": "date", "from": None}}, "$.range.from", "must be a text"),
        ({"in": {"field": "taxon", "values": "x"}}, "$.in.values", "list of texts"),
        ({"in": {"field": "taxon", "values": ["x", {}]}}, "$.in.values[1]", "must be a text"),
        ({"eq": {"field": "text", "value": "x"}}, "$.eq", "takes match"),
        ({"eq": {"field": "place", "value": "x"}}, "$.eq", "takes exists, box, polygon"),
        ({"match": {"field": "text", "value": "-- !"}}, "$.match.value", "no word"),
        ({"match": {"field": "text", "value": "a " * 33}}, "$.match.value", "at most 32 words"),
        (box(west="180.5"), "$.box.west", "no longitude"),
        (box(north="1e1"), "$.box.north", "no latitude"),
        (box(north="0.12345678"), "$.box.north", "7 decimals"),
        (box(south="2"), "$.box", "north of its north"),
        (box(south=None), "$.box.south", "must be a text"),
        (polygon(["0", "0"], ["1", "1"]), "$.polygon.corners", "3 to 500"),
        (polygon(*[["0", "0"]] * 501), "$.polygon.corners", "3 to 500"),
        (polygon(["0", "0"], ["1", "1"], ["0", "91"]), "$.polygon.corners[2][1]", "no latitude"),
        (polygon(["0", "0"], ["1", "1"], ["0"]), "$.polygon.corners[2]", "a pair"),
        ({"polygon": {"field": "place", "corners": "0 0"}}, "$.polygon.corners", "list of corners"),
    ],
)
def test_what_is_no_filter_is_refused_with_its_place(tree: Any, where: str, problem: str) -> None:
    with pytest.raises(FilterRefused, match=problem.replace("(", r"\(")) as caught:
        parse_filter(json.dumps(tree))
    assert caught.value.where == where
    assert str(caught.value).startswith(f"The filter is refused at {where}: ")


def _nested(depth: int) -> str:
    return '{"not":' * (depth - 1) + '{"and":[]}' + "}" * (depth - 1)


def _wide(nodes: int) -> str:
    return '{"and":[' + ",".join(['{"and":[]}'] * (nodes - 1)) + "]}"


def _long(values: int) -> str:
    return json.dumps({"in": {"field": "taxon", "values": ["a"] * values}}, separators=(",", ":"))


@pytest.mark.parametrize(
    ("make", "most"),
    [(_nested, DEEPEST), (_wide, MOST_NODES), (_long, LONGEST_LIST)],
)
def test_each_limit_admits_the_last_and_refuses_the_next(make: Any, most: int) -> None:
    parse_filter(make(most))
    with pytest.raises(FilterRefused, match=f"at most {most}"):
        parse_filter(make(most + 1))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 60_000,
        '{"not":' * 8_000,
        " " * (LONGEST_TEXT + 1),
        '{"and":' + "[" * 200 + "]" * 200 + "}",
        '{"eq":{"field":"taxon","value":"\\ud800"}}',
        '{"and":[],"and":[]}',
        "\ud800",
        '{"and":[1e999]}',
        "",
    ],
)
def test_a_hostile_text_is_refused_before_it_costs_anything(text: str) -> None:
    begun = time.process_time()
    with pytest.raises(FilterRefused):
        parse_filter(text)
    assert time.process_time() - begun < 0.5
