"""The part of a body that a Range field asks for is the one that a naive reading of RFC 9110 gives."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.serve.ranges import Unsatisfiable, parse_range

BODY = bytes(range(200))
_NUMBERS = st.one_of(st.integers(0, 250), st.integers(0, 10**19))


def _naive(first: int | None, last: int | None, body: bytes) -> bytes | None:
    """The bytes whose positions are in the range, looked at one by one; None if there are none."""
    if first is None:
        assert last is not None
        wanted = set(range(max(0, len(body) - last), len(body)))
    else:
        end = len(body) if last is None else min(last + 1, len(body))
        wanted = set(range(first, end)) if first < len(body) else set()
    return bytes(byte for place, byte in enumerate(body) if place in wanted) or None


@given(st.integers(0, 200), _NUMBERS, _NUMBERS)
@example(200, 0, 0)
@example(200, 199, 199)
@example(0, 0, 0)
@example(1, 0, 10**18)
def test_the_slice_from_first_to_last_is_the_naive_one(size: int, first: int, length: int) -> None:
    body = BODY[:size]
    last = first + length
    if first < 10**19:  # what has more digits is passed over
        _agrees(f"bytes={first}-{last}" if last < 10**19 else f"bytes={first}-", first, last, body)


@given(st.integers(0, 200), _NUMBERS)
def test_the_slice_from_first_on_is_the_naive_one(size: int, first: int) -> None:
    if first < 10**19:
        _agrees(f"bytes={first}-", first, None, BODY[:size])


@given(st.integers(0, 200), _NUMBERS)
def test_the_last_bytes_are_the_naive_ones(size: int, last: int) -> None:
    if last < 10**19:
        _agrees(f"bytes=-{last}", None, last, BODY[:size])


def _agrees(field: str, first: int | None, last: int | None, body: bytes) -> None:
    expected = _naive(first, last, body)
    if expected is None:
        with pytest.raises(Unsatisfiable):
            parse_range(field, len(body))
        return
    part = parse_range(field, len(body))
    assert part is not None
    assert 0 <= part.start < part.stop <= len(body)
    assert body[part.start : part.stop] == expected


@given(st.text(alphabet="bytes=-, 0123456789\t;xBé²", max_size=30), st.integers(0, 200))
def test_whatever_stands_in_the_field_a_part_lies_in_the_body(field: str, size: int) -> None:
    try:
        part = parse_range(field, size)
    except Unsatisfiable:
        return
    assert part is None or 0 <= part.start < part.stop <= size


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,3-4",
        "rows=0-1",
        "bytes=a-b",
        "bytes=²-",
        "bytes=--1",
        "bytes=1--2",
        "bytes=0x1-2",
        "bytes=99999999999999999999-",
    ],
)
def test_what_is_no_single_range_of_bytes_is_passed_over(field: str | None) -> None:
    assert parse_range(field, 200) is None
