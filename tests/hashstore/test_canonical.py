"""Canonical JSON has one form for each value, and says where a value has none."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hashstore.canonical import MAX_DEPTH, Json, canonical_json, parse_json
from hashstore.errors import MalformedJson

_SCALARS = (
    st.none() | st.booleans() | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1) | st.text(max_size=8)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)


@given(VALUES)
def test_what_is_printed_is_read_back_equal(value: Json) -> None:
    assert parse_json(canonical_json(value)) == value


@given(VALUES)
def test_what_is_read_prints_the_same_bytes_again(value: Json) -> None:
    printed = canonical_json(value)
    assert canonical_json(parse_json(printed)) == printed


@given(VALUES)
def test_it_is_what_the_reference_prints(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(max_size=4), st.integers(0, 9), max_size=6))
def test_the_order_of_insertion_does_not_show(value: dict[str, int]) -> None:
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@given(st.binary(max_size=60) | st.text('{}[]",:0123456789.eE+-truefalsn \\u', max_size=40).map(str.encode))
def test_any_bytes_are_json_or_refused_by_our_own_error(data: bytes) -> None:
    try:
        value = parse_json(data)
    except MalformedJson:
        return
    canonical_json(value)


def test_frozen_values_are_printed_like_plain_ones() -> None:
    class Colour(StrEnum):
        GREEN = "green"

    value: Any = MappingProxyType({"b": (1, 2), "a": MappingProxyType({"c": Colour.GREEN})})
    assert canonical_json(value) == b'{"a":{"c":"green"},"b":[1,2]}'


def test_names_are_sorted_by_utf_16_code_units() -> None:
    # RFC 8785, section 3.2.3: U+1F600 is D83D DE00 there, which sorts before U+FB33.
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.5, r"\$: a float .* decimals as strings"),
        ({"a": [0, 2**53]}, r"\$\.a\[1\]: 9007199254740992 is beyond"),
        ([-(2**53)], "beyond"),
        ({"a": "\ud800"}, r"\$\.a: .* surrogate"),
        ({"\udc00": 1}, "surrogate"),
        ({1: 2}, "not a string"),
        (b"bytes", "bytes has no canonical form"),
        ({1, 2}, "set has no canonical form"),
    ],
)
def test_a_value_without_canonical_form_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(MalformedJson, match=said):
        canonical_json(value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "line 1, column 1"),
        (b'{"a":1,"a":2}', "'a' occurs twice"),
        (b"[NaN]", "NaN is not JSON"),
        (b"-Infinity", "Infinity is not JSON"),
        (b"1.0", "fraction"),
        (b"1e2", "fraction"),
        (b"9007199254740992", "beyond"),
        (b"1" * 5000, "beyond"),
        (b'"\\ud800"', "surrogate"),
        (b'"\xff"', "not UTF-8 at byte 1"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'"a\nb"', "not JSON"),
        (b"[1,]", "not JSON"),
        (b"{} {}", "not JSON"),
    ],
)
def test_what_has_no_one_meaning_is_not_read(data: bytes, said: str) -> None:
    with pytest.raises(MalformedJson, match=said):
        parse_json(data)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
def test_nesting_has_a_limit(depth: int) -> None:
    with pytest.raises(MalformedJson, match="nested deeper"):
        parse_json(b"[" * depth + b"]" * depth)
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    with pytest.raises(MalformedJson, match="nested deeper"):
        canonical_json(value)


def test_nesting_up_to_the_limit_is_read_and_printed() -> None:
    data = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    assert canonical_json(parse_json(data)) == data
