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


def _leaves() -> st.SearchStrategy[Any]:
    texts = st.sampled_from([name for name in FIELDS if name != "date"])
    return st.one_of(
        st.builds(lambda f, v: {"eq": {"field": f, "value": v}}, texts, words),
        st.builds(lambda f, v: {"in": {"field": f, "values": v}}, texts, st.lists(words, max_size=20)),
        st.builds(lambda f, v: {"prefix": {"field": f, "value": v}}, texts, words),
        st.builds(lambda f: {"exists": {"field": f}}, st.sampled_from(sorted(FIELDS))),
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
        ({"eq": {"field": "order", "value": "x"}}, "$.eq.field", "there are taxon"),
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
