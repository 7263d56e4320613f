"""Masks: every pixel is what geometry says, and Pillow reads what was written without a compressor."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from manifests.dataset.member import Region
from manifests.export.png import indexed_png
from manifests.export.raster import mask_rows
from manifests.export.shapes import area_of, box_of

if TYPE_CHECKING:
    from tests.manifests.export.conftest import Export, Given

CORNERS = st.tuples(st.integers(0, 12), st.integers(0, 12))
POLYGONS = st.lists(CORNERS, min_size=3, max_size=6).map(tuple)


def _inside(polygon: tuple[tuple[int, int], ...], x: Fraction, y: Fraction) -> bool:
    """The even-odd rule, in fractions: how many edges lie to the left of a point."""
    crossed = 0
    for (x1, y1), (x2, y2) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y1 > y) != (y2 > y) and x >= x1 + (y - y1) * Fraction(x2 - x1, y2 - y1):
            crossed += 1
    return crossed % 2 == 1


@settings(max_examples=60)
@given(polygon=POLYGONS)
def test_a_pixel_belongs_to_a_polygon_if_its_middle_does(polygon: tuple[tuple[int, int], ...]) -> None:
    rows = list(mask_rows(12, 12, ((Region("x", None, polygon), 1),)))
    half = Fraction(1, 2)
    expected = [[int(_inside(polygon, x + half, y + half)) for x in range(12)] for y in range(12)]
    assert [row.tolist() for row in rows] == expected


@settings(max_examples=60)
@given(st.data())
def test_a_png_of_ours_is_read_by_pillow_as_it_was(data: st.DataObject) -> None:
    width, height = data.draw(st.integers(1, 600)), data.draw(st.integers(1, 6))
    runs = st.lists(st.tuples(st.integers(0, 255), st.integers(1, 700)), min_size=1, max_size=8)
    rows = []
    for _ in range(height):
        values = np.concatenate([np.full(count, value, np.uint8) for value, count in data.draw(runs)])
        rows.append(np.resize(values, width))
    palette = tuple((number, 255 - number, number // 2) for number in range(256))
    png = b"".join(indexed_png(width, rows, height, palette))
    with Image.open(io.BytesIO(png)) as image:
        assert np.array_equal(np.asarray(image), np.stack(rows))
        assert image.convert("RGB").getpixel((0, 0)) == palette[int(rows[0][0])]


def test_masks_lie_where_the_regions_are(given_dataset: Given, export: Export, tmp_path: Path) -> None:
    export(given_dataset, "masks", tmp_path / "out")
    classes = dict(
        line.split("\t")[::-1] for line in (tmp_path / "out" / "classes.tsv").read_text().splitlines()[1:]
    )
    for member in given_dataset.listed:
        path = tmp_path / "out" / "masks" / f"{member.digest.hex}.png"
        assert path.exists() == bool(member.regions)
        if member.regions:
            with Image.open(path) as image:
                assert image.size == given_dataset.sizes[member.digest]
                assert image.getpixel((2, 14)) == int(classes["leaf"])
                assert image.getpixel((15, 8)) == int(classes["wing, left"])
                assert image.getpixel((0, 0)) == 0


def test_area_and_box_of_a_polygon() -> None:
    triangle = Region("x", None, ((0, 0), (5, 0), (0, 5)))
    assert (box_of(triangle), area_of(triangle)) == ((0, 0, 5, 5), 12.5)
    assert area_of(Region("x", (1, 2, 3, 4))) == 12
