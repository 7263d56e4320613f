"""Regions: one written form each, read back as they were; anything else is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import MalformedRegion
from analyzers.region import Box, Grid, Mask, Point, Polygon, Region, parse_region

PLACES = st.integers(0, 999_999_999)
SIDES = st.integers(1, 999_999_999)


def runs(cells: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Runs over so many cells: only the first may be empty."""
    cuts = st.sets(st.integers(1, cells - 1), max_size=8) if cells > 1 else st.just(set[int]())
    return st.tuples(st.booleans(), cuts).map(lambda drawn: _between(drawn[0], sorted(drawn[1]), cells))


def _between(inside_first: bool, cuts: list[int], cells: int) -> tuple[int, ...]:
    ends = [*cuts, cells]
    lengths = tuple(end - start for start, end in zip([0, *ends], ends, strict=False))
    return (0, *lengths) if inside_first else lengths


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    box = Box(draw(PLACES), draw(PLACES), draw(st.integers(1, 40)), draw(st.integers(1, 40)))
    return Mask(box, draw(runs(box.width * box.height)))


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    columns, rows = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    return Grid(columns, rows, draw(runs(columns * rows)))


REGIONS: st.SearchStrategy[Region] = st.one_of(
    st.builds(Box, PLACES, PLACES, SIDES, SIDES),
    st.builds(Point, PLACES, PLACES),
    st.builds(Polygon, st.lists(st.tuples(PLACES, PLACES), min_size=3, max_size=30).map(tuple)),
    masks(),
    grids(),
)


@given(REGIONS)
def test_what_is_written_is_read_back_equal(region: Region) -> None:
    assert parse_region(region.text) == region


@given(st.text(max_size=60))
def test_any_other_text_is_refused(text: str) -> None:
    with contextlib.suppress(MalformedRegion):
        assert parse_region(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "xywh=pixel:1,2,0,4",  # nothing in it
        "xywh=pixel:01,2,3,4",  # another way to write 1
        "xywh=pixel:-1,2,3,4",
        "xywh=1,2,3,4",  # W3C's short form: there is one form here
        "xywh=percent:1,2,3,4",
        "xywh=pixel:١,2,3,4",  # digits of another script
        "polygon=pixel:1,2 3,4",
        "mask=pixel:0,0,2,2;1 2",  # three cells of four
        "mask=pixel:0,0,2,2;1 0 3",  # an empty run in the middle
        "grid=2x2;5",
        "grid=0x2;0",
        "",
    ],
)
def test_malformed_regions_are_refused(text: str) -> None:
    with pytest.raises(MalformedRegion):
        parse_region(text)


@given(st.builds(Polygon, st.lists(st.tuples(PLACES, PLACES), min_size=3, max_size=9).map(tuple)))
def test_bounds_hold_all_points(polygon: Polygon) -> None:
    bounds = polygon.bounds
    for x, y in polygon.points:
        assert bounds.x <= x < bounds.x + bounds.width
        assert bounds.y <= y < bounds.y + bounds.height
