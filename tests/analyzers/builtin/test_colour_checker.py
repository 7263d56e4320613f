"""Colour charts of drawn specimens, with and without a cast, and of real sheets."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from analyzers.builtin import traits
from analyzers.builtin.colour_checker import ANALYZER
from analyzers.finding import Finding
from analyzers.output import Input, Output
from analyzers.parameters import whole_parameters
from analyzers.picture.picture import Pixels
from analyzers.trial import tried
from analyzers.unit import read_picture
from analyzers.vision.charts import CLASSIC, UNKNOWN, WEDGE, find_chart
from analyzers.vision.colour import difference, encoded, lab, linear
from hashstore.digest import Digest
from node.museum.catalogue import Picture, specimens
from node.museum.drawings import SEED
from node.museum.sheets import draw
from node.museum.sheets.drawing import Drawing
from node.museum.sheets.studio import PATCHES

DRAWN = {one.catalog_number: one for one in specimens(1) if one.picture is Picture.DRAWN}
SHOWN = ["MDS00010401", "MDS00010403", "MDS00020104", "MDS00030012"]
"""A block and a strip on sheets, and blocks beside an insect and a fossil."""


@cache
def drawing(number: str) -> Drawing:
    return draw(DRAWN[number], SEED)


def pixels_of(number: str) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(drawing(number).jpeg)).convert("RGB"))


def cast(pixels: Pixels) -> Pixels:
    """As under a warm, dim lamp."""
    light = linear(np.arange(256))[pixels] * np.array([0.85, 0.62, 0.4]) + 0.004
    return np.round(encoded(light)).astype(np.uint8)


def said(pixels: Pixels, **parameters: str) -> dict[str, Finding]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    data = stream.getvalue()
    reading = ANALYZER.prepare(whole_parameters(ANALYZER.description, parameters), {})
    result = read_picture(ANALYZER.description, reading, Input(Digest.of(data)), data)
    assert isinstance(result, Output)
    return {finding.kind: finding for finding in result.findings}


# Of the 34 pairs that the authors publish, those that pass by each branch of the formula.
PAIRS = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "apart"), PAIRS)
def test_colours_differ_as_published(one: tuple[float, ...], other: tuple[float, ...], apart: float) -> None:
    found = difference(np.array(one, np.float64), np.array(other, np.float64))
    assert float(found) == pytest.approx(apart, abs=5e-5)


def test_white_is_white_and_light_comes_back() -> None:
    assert lab(np.array([255, 255, 255])) == pytest.approx([100, 0, 0], abs=1e-3)
    every = np.arange(256)
    assert (np.round(encoded(linear(every))) == every).all()


@pytest.mark.parametrize("number", SHOWN)
def test_a_drawn_chart_is_found_with_all_its_patches(number: str) -> None:
    chart = find_chart(pixels_of(number))
    assert chart is not None
    assert chart.name == CLASSIC
    (truth,) = [one for one in json.loads(drawing(number).truth)["regions"] if one["type"] == "colourChecker"]
    x, y, width, height = truth["box"]
    (left, top), (right, bottom) = chart.outline.min(0), chart.outline.max(0)
    assert x - 2 <= left < right <= x + width + 2
    assert y - 2 <= top < bottom <= y + height + 2
    assert (right - left) * (bottom - top) > 0.8 * width * height
    assert np.abs(chart.measured - [colour for _, colour in PATCHES]).max() < 4


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_chart_is_read_in_its_own_order(turns: int) -> None:
    chart = find_chart(np.ascontiguousarray(np.rot90(pixels_of("MDS00020104"), turns)))
    assert chart is not None
    assert np.abs(chart.measured - chart.wanted).max() < 4


@pytest.mark.parametrize("profile", ["matrix", "root-polynomial"])
def test_a_cast_is_taken_away(profile: str) -> None:
    plain = pixels_of("MDS00020104")[850:1160, 1100:1550]
    told = said(cast(plain), profile=profile, corrected="png")
    before, after = told["delta-e-before"].value, told["delta-e-after"].value
    assert before is not None
    assert after is not None
    assert float(before) > 10
    assert float(after) < 2
    made = told["corrected-picture"].derivative
    assert made is not None
    picture = np.asarray(Image.open(io.BytesIO(made.data)), np.float64)
    apart = difference(lab(picture[::9, ::9]), lab(plain[::9, ::9]))
    assert float(np.median(apart)) < 2


def test_what_is_made_is_the_same_each_time_and_only_when_asked() -> None:
    small = cast(pixels_of("MDS00020104"))[850:1160, 1100:1550]
    assert "corrected-picture" not in said(small)
    assert said(small, corrected="jpeg") == said(small, corrected="jpeg")


def row(colours: list[tuple[int, int, int]]) -> Pixels:
    image = Image.new("RGB", (900, 300), (190, 188, 180))
    for place, colour in enumerate(colours):
        ImageDraw.Draw(image).rectangle((60 + place * 46, 100, 100 + place * 46, 140), fill=colour)
    return np.asarray(image)


def test_a_grey_wedge_balances_colours_and_nothing_more() -> None:
    greys = [(round(v * 1.02), v, round(v * 0.93)) for v in range(40, 241, 25)]
    told = said(row(greys))
    assert told["colour-checker"].text == WEDGE
    before, after = told["delta-e-before"].value, told["delta-e-after"].value
    assert before is not None
    assert after is not None
    assert float(after) < 1 < 3 < float(before)
    assert '"balance"' in (told["colour-profile"].text or "")


def test_a_chart_whose_colours_are_not_known_gives_no_profile() -> None:
    hues = [(200, 40, 40), (40, 160, 60), (50, 60, 180), (220, 200, 30), (180, 60, 160), (30, 170, 190)]
    told = said(row(hues))
    assert set(told) == {"colour-checker"}
    assert told["colour-checker"].text == UNKNOWN


def test_even_squares_without_colour_are_no_chart() -> None:
    assert find_chart(row([(30, 30, 30)] * 12)) is None
    assert find_chart(np.zeros((1, 1, 3), np.uint8)) is None


SHEETS = "images/kymillev+herbarium-segmentation/datasets/sample/img/"
REAL = {
    "images/NaturalHistoryMuseum+gouda/gouda/tests/test_data/BM001128287.jpg": CLASSIC,
    "images/rafelafrance+digi_leap/assets/sheet.jpg": CLASSIC,
    SHEETS + "BM000521755.jpg": CLASSIC,
    SHEETS + "L__0059912.jpg": CLASSIC,
    SHEETS + "25764.jpg": UNKNOWN,
    SHEETS + "103272.jpg": None,
    SHEETS + "136319.jpg": None,
    SHEETS + "172695.jpg": None,
}


@pytest.mark.parametrize("name", REAL)
def test_real_charts_are_told(shared_data: Path, name: str) -> None:
    chart = find_chart(np.asarray(Image.open(shared_data / name).convert("RGB")))
    assert (chart.name if chart else None) == REAL[name]


def traits_of(pixels: Pixels, **parameters: str) -> list[Finding]:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return list(tried(traits.ANALYZER, stream.getvalue(), parameters).findings)


def colours_of(found: list[Finding]) -> list[tuple[float, list[float]]]:
    told = [one for one in found if one.kind == "colour"]
    return [(float(one.value or 0), [float(part) for part in (one.text or "").split()]) for one in told]


@pytest.mark.slow
def test_traits_take_colours_under_the_profile_of_the_chart_and_lengths_by_the_ruler_and_say_so() -> None:
    plain = pixels_of("MDS00020104")
    seen = {name: traits_of(pixels, correct=correct) for name, pixels, correct in (
        ("right", plain, "no"), ("cast", cast(plain), "no"), ("corrected", cast(plain), "yes"),
    )}  # fmt: skip
    right, wrong, made = (colours_of(seen[name])[0][1] for name in ("right", "cast", "corrected"))
    assert float(difference(np.array(wrong), np.array(right))) > 6
    assert float(difference(np.array(made), np.array(right))) < 3
    told = {one.kind: one for one in seen["corrected"]}
    assert float(told["delta-e-before"].value or 0) > 10 > 2 > float(told["delta-e-after"].value or 0)
    assert told["colour-profile"].region is not None
    scale, length = told["scale"], told["length"]
    assert (scale.unit, length.unit) == ("{pixel}/mm", "mm")
    assert "colour-profile" not in {one.kind for one in seen["cast"]}
