"""Where pixels lie in what is stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.iiif.geometry import SIDEWAYS, level_box, level_for, stored_box
from node.iiif.plan import Box


@st.composite
def boxes(draw: st.DrawFn, width: int, height: int) -> Box:
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return Box(left, top, draw(st.integers(1, width - left)), draw(st.integers(1, height - top)))


def upright(
    stored: np.ndarray[tuple[int, ...], np.dtype[np.int64]], orientation: int
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}[orientation]
    found = np.rot90(stored, turns)
    return found[:, ::-1] if orientation in (2, 4, 5, 7) else found


@given(st.data(), st.integers(1, 12), st.integers(1, 12), st.integers(1, 8))
def test_a_part_has_the_same_pixels_stored_and_upright(
    data: st.DataObject, width: int, height: int, orientation: int
) -> None:
    stored = np.arange(width * height).reshape(height, width)
    shown = upright(stored, orientation)
    box = data.draw(boxes(shown.shape[1], shown.shape[0]))
    there = stored_box(box, orientation, width, height)
    part = shown[box.top : box.top + box.height, box.left : box.left + box.width]
    found = stored[there.top : there.top + there.height, there.left : there.left + there.width]
    assert np.array_equal(upright(found, orientation), part)
    assert (there.width == box.width) or orientation in SIDEWAYS


@given(st.data(), st.integers(1, 20_000), st.integers(1, 20_000), st.integers(1, 8))
def test_a_level_suffices_and_holds_the_part(
    data: st.DataObject, width: int, height: int, levels: int
) -> None:
    box = data.draw(boxes(width, height))
    to_width, to_height = data.draw(st.integers(1, box.width)), data.draw(st.integers(1, box.height))
    level = level_for(box, to_width, to_height, levels)
    assert 0 <= level < levels
    halved = max(1, width >> level), max(1, height >> level)  # what was left over is lost, as libvips does
    part = level_box(box, level, *halved)
    assert 0 <= part.left < part.left + part.width <= halved[0]
    assert 0 <= part.top < part.top + part.height <= halved[1]
    assert part.width >= to_width - 1
    assert part.height >= to_height - 1


@pytest.mark.parametrize(("width", "level"), [(512, 2), (513, 1), (1024, 1), (1025, 0), (64, 5), (1, 5)])
def test_the_smallest_level_that_need_not_be_enlarged_is_taken(width: int, level: int) -> None:
    assert level_for(Box(0, 0, 2048, 2048), width, width, 6) == level


def test_a_tile_of_a_level_is_cut_without_scaling() -> None:
    assert level_box(Box(4096, 2048, 2048, 2048), 2, 2887, 2165) == Box(1024, 512, 512, 512)
