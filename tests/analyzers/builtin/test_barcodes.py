"""Barcodes of drawn specimens and of real ones, with outlines and with all that stand on a sheet."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from analyzers.builtin.barcodes import ANALYZER, visible
from analyzers.finding import Finding
from analyzers.output import Input, Output
from analyzers.region import Box
from analyzers.unit import read_picture
from hashstore.digest import Digest
from node.museum.catalogue import Picture, specimens
from node.museum.drawings import SEED
from node.museum.sheets import draw

DRAWN = {one.catalog_number: one for one in specimens(1) if one.picture is Picture.DRAWN}


def said(data: bytes, region: Box | None = None) -> tuple[Finding, ...]:
    read = ANALYZER.prepare({}, {})
    result = read_picture(ANALYZER.description, read, Input(Digest.of(data), region), data)
    assert isinstance(result, Output)
    return result.findings


def texts(data: bytes) -> list[str | None]:
    return [finding.text for finding in said(data) if finding.kind == "barcode"]


@pytest.mark.parametrize("number", ["MDS00010401", "MDS00010409", "MDS00020104", "MDS00030012"])
def test_a_drawn_specimens_barcode_is_read_where_it_is(number: str) -> None:
    drawing = draw(DRAWN[number], SEED)
    code, symbology = said(drawing.jpeg)
    (truth,) = [one for one in json.loads(drawing.truth)["regions"] if one["type"] == "barcode"]
    assert (code.text, symbology.text) == (number, "Code 128")
    assert code.region is not None
    assert code.region == symbology.region
    bounds, (x, y, width, height) = code.region.bounds, truth["box"]
    assert bounds is not None
    assert x <= bounds.x < bounds.x + bounds.width <= x + width + 1
    assert y <= bounds.y < bounds.y + bounds.height <= y + height + 1
    assert bounds.width > 0.7 * width


def board(*codes: Image.Image) -> bytes:
    image = Image.new("L", (900, 260 * len(codes) + 40), 230)
    for place, code in enumerate(codes):
        image.paste(code, (60, 40 + 260 * place))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def code(text: str, format: zxingcpp.BarcodeFormat) -> Image.Image:
    made = zxingcpp.create_barcode(text, format).to_image(scale=4)
    image = Image.fromarray(made)
    return image.crop((0, 0, image.width, min(image.height, 220)))


def test_all_codes_of_a_sheet_are_read_from_top_to_bottom() -> None:
    formats = zxingcpp.BarcodeFormat
    data = board(
        code("B 10 0001", formats.Code128), code("urn:x:1", formats.QRCode), code("K7", formats.DataMatrix)
    )
    assert texts(data) == ["B 10 0001", "urn:x:1", "K7"]
    assert [one.text for one in said(data)][1::2] == ["Code 128", "QR Code", "Data Matrix"]


def test_of_a_region_places_are_those_of_the_whole_picture() -> None:
    data = board(code("B 10 0001", zxingcpp.BarcodeFormat.Code128))
    whole, within = said(data), said(data, Box(30, 20, 860, 270))
    assert [one.text for one in whole] == [one.text for one in within]
    for one, other in zip(whole, within, strict=True):
        assert one.region is not None
        assert other.region is not None
        assert (one.region.bounds, other.region.bounds) != (None, None)
        assert abs(one.region.bounds.x - other.region.bounds.x) <= 2  # type: ignore[union-attr]


def test_where_there_is_no_code_nothing_is_said() -> None:
    assert said(board(Image.new("L", (500, 200), 90))) == ()


def test_control_characters_are_shown() -> None:
    assert visible("A\x1dB\x7f\ud800é") == "A␝B␡\ufffdé"


REAL = {
    "NaturalHistoryMuseum+gouda/gouda/tests/test_data/BM001128287.jpg": {
        "BM001128286",
        "BM001128287",
        "BM001128288",
    },
    "NaturalHistoryMuseum+gouda/gouda/tests/test_data/datamatrix.png": {"Triceratops"},
    "NaturalHistoryMuseum+gouda/gouda/tests/test_data/nobarcode.png": set[str](),
    "DiSSCo+SDR/galaxy-workflow/samples/images/01.jpg": {"012539905"},
    "DiSSCo+SDR/galaxy-workflow/samples/images/010515412_136820_1856556.2500x5792.jpeg": {"010515412"},
    "machine-shop+mothra/mothra/tests/test_files/test_input/BMNHE_1105737_angle90.JPG": {"BMNH(E) 1105737"},
    "kymillev+herbarium-segmentation/datasets/sample/img/136319.jpg": {"PL04534782"},
}


@pytest.mark.parametrize("name", REAL)
def test_real_barcodes_are_read(shared_data: Path, name: str) -> None:
    assert set(texts((shared_data / "images" / name).read_bytes())) == REAL[name]
