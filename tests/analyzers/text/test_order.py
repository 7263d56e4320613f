"""Lines are read label by label and row by row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analyzers.text.detect import Slanted, ordered
from analyzers.text.order import reading_order


def line(x: float, y: float, width: float = 200, height: float = 20) -> Slanted:
    corners = [[x, y], [x + width, y], [x + width, y + height], [x, y + height]]
    return Slanted(np.array(corners, np.float32))


lines = st.builds(line, *[st.integers(0, 1000)] * 2, st.integers(5, 300), st.integers(5, 60))


@given(st.lists(lines, max_size=30))
def test_each_line_is_read_once(some: list[Slanted]) -> None:
    read = [place for block in reading_order(some) for place in block]
    assert sorted(read) == list(range(len(some)))


@given(
    st.lists(lines, max_size=12, unique_by=lambda one: (one.corners[0][0], one.corners[0][1])), st.randoms()
)
def test_the_order_in_which_they_were_found_is_of_no_account(
    some: list[Slanted], chance: st.DataObject
) -> None:
    places = list(range(len(some)))
    chance.shuffle(places)  # type: ignore[attr-defined]
    found = reading_order([some[place] for place in places])
    expected = {frozenset(block) for block in reading_order(some)}
    assert {frozenset(places[number] for number in block) for block in found} == expected


def test_labels_beside_each_other_are_read_one_after_the_other() -> None:
    left = [line(0, 0), line(0, 30), line(0, 60)]
    right = [line(400, 10), line(400, 40)]
    assert reading_order([right[1], left[2], right[0], left[0], left[1]]) == [[3, 4, 1], [2, 0]]


def test_words_beside_each_other_are_a_row_even_if_they_slope() -> None:
    row, below = [line(0, 8, 90), line(100, 4, 90), line(200, 0, 90)], line(0, 36)
    assert reading_order([below, *reversed(row)]) == [[3, 2, 1, 0]]


def test_a_line_far_below_is_another_block() -> None:
    assert reading_order([line(0, 200), line(0, 0)]) == [[1], [0]]


@given(st.integers(-40, 40), st.integers(30, 300), st.integers(5, 20), st.permutations(range(4)))
def test_corners_begin_at_the_upper_left(degrees: int, width: int, height: int, order: list[int]) -> None:
    flat = line(-width / 2, -height / 2, width, height).corners
    turn = np.deg2rad(degrees)
    turned = flat @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32) + 500
    assert np.allclose(ordered(turned[list(order)].astype(np.float32)), turned, atol=1e-3)


def test_labels_that_touch_are_read_one_after_the_other() -> None:
    left = [line(0, y, 290) for y in (0, 30, 60)]
    right = [line(300, y, 100) for y in (5, 40)]
    assert reading_order([right[1], left[2], right[0], left[0], left[1]]) == [[3, 4, 1], [2, 0]]


def test_a_label_that_is_written_upward_is_read_from_the_left() -> None:
    upward = [line(x, 0, 20, 200).turned(3) for x in (60, 0, 30)]
    assert reading_order(upward) == [[1, 2, 0]]
    downward = [line(x, 0, 20, 200).turned(1) for x in (60, 0, 30)]
    assert reading_order(downward) == [[0, 2, 1]]
    on_its_head = [line(0, y).turned(2) for y in (0, 30, 60)]
    assert reading_order(on_its_head) == [[2, 1, 0]]
