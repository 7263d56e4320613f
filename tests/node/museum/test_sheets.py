from __future__ import annotations

import json
from functools import cache
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageStat

from node.museum.catalogue import Picture, Specimen, specimens
from node.museum.drawings import SEED
from node.museum.sheets import compose, draw
from node.museum.sheets.drawing import Drawing
from node.museum.sheets.sizes import picture_size
from node.museum.sheets.studio import PATCHES

DRAWN = {
    one.catalog_number: one
    for version in (1, 2)
    for one in specimens(version)
    if one.picture is Picture.DRAWN
}
SHOWN = ["MDS00010401", "MDS00010405", "MDS00010409", "MDS00020104", "MDS00030012"]
"""A sheet of either layout, the one with a slip, an insect and a fossil."""


@cache
def drawing_of(number: str) -> Drawing:
    return draw(DRAWN[number], SEED)


def truth_of(number: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(drawing_of(number).truth)
    return document


def region(number: str, kind: str) -> dict[str, Any]:
    (found,) = [one for one in truth_of(number)["regions"] if one["type"] == kind]
    assert isinstance(found, dict)
    return found


def exact(number: str) -> Image.Image:
    return compose(DRAWN[number], SEED)[0]


def cut(picture: Image.Image, box: list[int], inset: int = 0) -> Image.Image:
    x, y, width, height = box
    return picture.crop((x + inset, y + inset, x + width - inset, y + height - inset))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_picture() -> None:
    specimen = DRAWN["MDS00010401"]
    assert draw(specimen, SEED) == drawing_of("MDS00010401")
    assert draw(specimen, SEED + 1).jpeg != drawing_of("MDS00010401").jpeg


@pytest.mark.parametrize("number", SHOWN)
def test_a_picture_is_a_jpeg_of_the_announced_size_and_150_to_450_kilobytes(number: str) -> None:
    drawing, size = drawing_of(number), picture_size(DRAWN[number].collection)
    picture = Image.open(BytesIO(drawing.jpeg))
    assert (picture.format, picture.size) == ("JPEG", size)
    assert [truth_of(number)["width"], truth_of(number)["height"]] == list(size)
    assert 150_000 < len(drawing.jpeg) < 450_000


@pytest.mark.parametrize("number", SHOWN)
def test_every_region_lies_within_the_picture(number: str) -> None:
    truth = truth_of(number)
    for found in truth["regions"]:
        x, y, width, height = found["box"]
        assert min(width, height) > 0, found["type"]
        assert 0 <= x <= x + width <= truth["width"], found["type"]
        assert 0 <= y <= y + height <= truth["height"], found["type"]


@pytest.mark.parametrize("number", SHOWN)
def test_the_barcode_decodes_where_the_truth_says_it_is(number: str) -> None:
    declared = region(number, "barcode")
    picture = Image.open(BytesIO(drawing_of(number).jpeg))
    (found,) = zxingcpp.read_barcodes(cut(picture, declared["box"], -4))
    assert found.text == declared["text"] == number
    assert found.format == zxingcpp.BarcodeFormat.Code128


@pytest.mark.parametrize("number", SHOWN)
def test_each_of_24_patches_has_its_known_colour_before_compression(number: str) -> None:
    picture = exact(number)
    patches = region(number, "colourChecker")["patches"]
    assert [(one["name"], tuple(one["sRGB"])) for one in patches] == list(PATCHES)
    for patch in patches:
        seen = ImageStat.Stat(cut(picture, patch["box"], 4)).mean
        assert seen == pytest.approx(patch["sRGB"], abs=1.0), patch["name"]


@pytest.mark.parametrize("number", SHOWN)
def test_the_ruler_has_a_tick_at_every_centimetre_of_the_declared_scale(number: str) -> None:
    declared = region(number, "ruler")
    scale = float(declared["pixelsPerMm"])
    (zero_x, zero_y), (end_x, end_y) = declared["zero"], declared["end"]
    assert end_x - zero_x == pytest.approx(scale * declared["lengthMm"], abs=2)
    picture = exact(number).convert("L")
    centimetres = declared["lengthMm"] // 10
    for centimetre in range(centimetres + 1):
        share = centimetre / centimetres
        x, y = zero_x + (end_x - zero_x) * share, zero_y + (end_y - zero_y) * share + 20
        tick = picture.crop((round(x) - 2, round(y), round(x) + 3, round(y) + 1))
        beside = picture.crop((round(x) + 4, round(y), round(x) + 7, round(y) + 1))
        assert ImageStat.Stat(tick).extrema[0][1] > ImageStat.Stat(beside).mean[0] + 60, centimetre


@pytest.mark.parametrize("number", SHOWN)
def test_label_lines_have_dark_ink_in_their_boxes(number: str) -> None:
    picture = exact(number).convert("L")
    labels = [one for one in truth_of(number)["regions"] if one["type"] == "label"]
    assert DRAWN[number].pictured["scientificName"] in "\n".join(one["text"] for one in labels)
    for line in (line for one in labels for line in one["lines"] if line["text"]):
        low, high = ImageStat.Stat(cut(picture, line["box"])).extrema[0]
        assert low < 110 < 200 < high, line["text"]


@pytest.mark.parametrize("number", SHOWN)
def test_the_mask_covers_the_specimen_and_fills_its_box(number: str) -> None:
    declared = region(number, "specimen")
    mask = Image.open(BytesIO(drawing_of(number).mask))
    assert mask.mode == "1"
    assert mask.size == picture_size(DRAWN[number].collection)
    x, y, width, height = declared["box"]
    assert mask.getbbox() == (x, y, x + width, y + height)
    picture, plain = exact(number), mask.convert("L")
    inside = ImageStat.Stat(picture, plain).mean
    outside = ImageStat.Stat(
        picture.crop((200, 240, 1000, 1000)), plain.crop((200, 240, 1000, 1000)).point(_flip)
    )
    assert sum(abs(a - b) for a, b in zip(inside, outside.mean, strict=True)) > 60


def _flip(value: float) -> float:
    return 255 - value


def test_a_withheld_locality_is_covered_in_the_picture_and_absent_from_the_truth() -> None:
    lines = region("MDS00010410", "label")["lines"]
    (covered,) = [line for line in lines if not line["text"]]
    assert ImageStat.Stat(cut(exact("MDS00010410"), covered["box"], 5).convert("L")).extrema[0][1] < 60


def test_only_the_new_photograph_shows_the_slip() -> None:
    (old,) = [one for one in specimens(1) if one.catalog_number == "MDS00010405"]
    assert "DNA sampled" in region("MDS00010405", "annotation")["text"]
    assert not _kinds(old) & {"annotation"}


def _kinds(specimen: Specimen) -> set[str]:
    return {found.kind for found in compose(specimen, SEED)[1].regions}
