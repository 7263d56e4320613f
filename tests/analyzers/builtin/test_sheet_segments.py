"""Drawn sheets and trays taken apart, drawers into specimens, and what is measured of a specimen."""

from __future__ import annotations

import io
import json
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw

from analyzers.builtin import sheet_segments, specimens, traits
from analyzers.finding import Finding
from analyzers.interface import Analyzer
from analyzers.region import Box, Mask, Region
from analyzers.trial import tried
from analyzers.vision.colour import lab
from node.museum.catalogue import Picture
from node.museum.catalogue import specimens as catalogue
from node.museum.drawings import SEED
from node.museum.sheets import compose, draw
from node.museum.sheets.drawing import Drawing

DRAWN = {one.catalog_number: one for one in catalogue(1) if one.picture is Picture.DRAWN}
# A sheet with a block chart, an insect and a fossil; the least that is asked of each specimen's mask.
SHOWN = {"MDS00010404": 0.85, "MDS00020102": 0.9, "MDS00030012": 0.95}
KINDS = {"colourChecker": "colour-checker", "barcode": "barcode", "ruler": "ruler"}


@cache
def drawing(number: str) -> Drawing:
    return draw(DRAWN[number], SEED)


def said(analyzer: Analyzer, data: bytes, region: Region | None = None) -> tuple[Finding, ...]:
    return tried(analyzer, data, region=region).findings


@cache
def segments(number: str) -> tuple[Finding, ...]:
    return said(sheet_segments.ANALYZER, drawing(number).jpeg)


def truth(number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(drawing(number).truth)["regions"]
    return found


def painted(mask: Mask, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    flags = np.repeat(np.arange(len(mask.runs)) % 2 == 1, mask.runs)
    inside = np.zeros(shape, bool)
    box = mask.box
    inside[box.y : box.y + box.height, box.x : box.x + box.width] = flags.reshape(box.height, box.width)
    return inside


@pytest.mark.parametrize("number", SHOWN)
def test_the_specimen_is_told_from_what_lies_beside_it(number: str) -> None:
    (region,) = [one.region for one in segments(number) if one.kind == "specimen"]
    assert isinstance(region, Mask)
    real = np.asarray(Image.open(io.BytesIO(drawing(number).mask)).convert("L")) > 0
    found = painted(region, real.shape)
    assert (found & real).sum() / (found | real).sum() > SHOWN[number]


def common(one: Box, other: list[int]) -> float:
    """Of the first, what lies in the second."""
    x, y, width, height = other
    wide = min(one.x + one.width, x + width) - max(one.x, x)
    tall = min(one.y + one.height, y + height) - max(one.y, y)
    return max(0, wide) * max(0, tall) / (one.width * one.height)


@pytest.mark.parametrize("number", SHOWN)
def test_ruler_chart_and_barcode_lie_where_they_were_drawn(number: str) -> None:
    for known in truth(number):
        if known["type"] in KINDS:
            (found,) = [one for one in segments(number) if one.kind == KINDS[known["type"]]]
            assert found.region is not None
            assert found.region.bounds is not None
            assert common(found.region.bounds, known["box"]) > 0.95


@pytest.mark.parametrize("number", SHOWN)
def test_every_label_is_found_and_no_label_where_none_is(number: str) -> None:
    papers = [one["box"] for one in truth(number) if one["type"] in ("label", "annotation")]
    labels = [one.region.bounds for one in segments(number) if one.kind == "label" and one.region]
    hit = [any(box and common(box, paper) > 0.8 for box in labels) for paper in papers]
    assert all(hit)
    assert len(labels) <= len(papers) + 1


def test_the_stamp_of_a_sheet_is_found() -> None:
    (known,) = [one["box"] for one in truth("MDS00010404") if one["type"] == "stamp"]
    (stamp,) = [one.region for one in segments("MDS00010404") if one.kind == "stamp"]
    assert stamp is not None
    assert stamp.bounds is not None
    assert common(stamp.bounds, known) > 0.8


def test_the_same_picture_gives_the_same_segments() -> None:
    first, again = (said(traits.ANALYZER, leaf(6.0, True)) for _ in range(2))
    assert [one.document() for one in first] == [one.document() for one in again]


def test_an_empty_picture_has_no_segments() -> None:
    assert said(sheet_segments.ANALYZER, png(Image.new("RGB", (300, 200), (230, 228, 220)))) == ()


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    return stream.getvalue()


def drawer() -> tuple[bytes, list[tuple[int, int, int, int]]]:
    """Twelve insects in a box lined with foam, and where they are."""
    board = Image.new("RGB", (1500, 1100), (222, 220, 214))
    places = []
    drawn = [compose(DRAWN[number], SEED) for number in ("MDS00020101", "MDS00020102")]
    for index in range(12):
        picture, scene = drawn[index % 2]
        box = scene.mask.getbbox()
        assert box is not None
        size = tuple(round((box[axis + 2] - box[axis]) * 0.25) for axis in (0, 1))
        cut = picture.crop(box).resize((size[0], size[1]), Image.Resampling.LANCZOS)
        alpha = scene.mask.crop(box).convert("L").resize((size[0], size[1]), Image.Resampling.LANCZOS)
        spot = (90 + 350 * (index % 4), 70 + 340 * (index // 4))
        board.paste(cut, spot, alpha)
        places.append((*spot, size[0], size[1]))
    return png(board), places


def test_a_drawer_is_split_into_its_specimens() -> None:
    data, places = drawer()
    count, *found = said(specimens.ANALYZER, data)
    assert (count.kind, count.value) == ("specimen-count", str(len(places)))
    for x, y, width, height in places:
        near = [one.region for one in found if isinstance(one.region, Box) and abs(one.region.x - x) < 12]
        (box,) = [one for one in near if abs(one.y - y) < 12]
        assert max(abs(box.width - width), abs(box.height - height)) < 16


def leaf(scale: float, ruler: bool) -> bytes:
    """An ellipse of 60 by 30 mm, half green and half brown, on paper."""
    width, height = round(110 * scale), round(80 * scale)
    image = Image.new("RGB", (width, height), (236, 230, 214))
    pen = ImageDraw.Draw(image)
    middle = (width / 2, height * 0.42)
    box = (middle[0] - 30 * scale, middle[1] - 15 * scale, middle[0] + 30 * scale, middle[1] + 15 * scale)
    pen.chord(box, 90, 270, fill=(70, 110, 50))
    pen.chord(box, 270, 450, fill=(120, 70, 40))
    for mm in range(101 if ruler else 0):
        x, tall = round(4 * scale + mm * scale), 9 if mm % 10 == 0 else 6.5 if mm % 5 == 0 else 4
        pen.rectangle((x, height - 12 * scale, x + 1, height - (12 - tall) * scale), fill=(20, 20, 20))
    return png(image)


def test_a_specimen_is_measured_in_millimetres_within_its_uncertainty() -> None:
    told = {one.kind: one for one in said(traits.ANALYZER, leaf(6.0, True))}
    wanted = {"area": 1413.7, "length": 60.0, "width": 30.0}
    for kind, value in wanted.items():
        found = told[kind]
        assert found.value is not None
        assert found.uncertainty is not None
        assert float(found.value) == pytest.approx(value, rel=0.01)
        assert abs(float(found.value) - value) < 4 * float(found.uncertainty)
    assert [told[kind].unit for kind in ("area", "length", "perimeter")] == ["mm2", "mm", "mm"]
    assert float(told["solidity"].value or 0) > 0.97


def test_without_a_ruler_a_specimen_is_measured_in_pixels() -> None:
    told = {one.kind: one for one in said(traits.ANALYZER, leaf(6.0, False))}
    assert (told["area"].unit, told["length"].unit) == ("{pixel}2", "{pixel}")
    assert float(told["length"].value or 0) == pytest.approx(360, rel=0.01)


def test_the_colours_of_a_specimen_are_told_with_their_shares() -> None:
    colours = [one for one in said(traits.ANALYZER, leaf(6.0, False)) if one.kind == "colour"]
    shares = [float(one.value or 0) for one in colours]
    assert shares[:2] == [pytest.approx(0.5, abs=0.02)] * 2
    told = sorted(tuple(float(part) for part in (one.text or "").split()) for one in colours[:2])
    for found, colour in zip(told, ((120, 70, 40), (70, 110, 50)), strict=True):
        assert found == pytest.approx(lab(np.array(colour)).tolist(), abs=2.5)


def test_of_a_region_what_is_found_lies_in_it() -> None:
    region = Box(60, 60, 540, 300)
    for finding in said(traits.ANALYZER, leaf(6.0, False), region):
        assert finding.region is not None
        bounds = finding.region.bounds
        assert bounds is not None
        assert 60 <= bounds.x < bounds.x + bounds.width <= 600
