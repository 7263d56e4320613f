"""What is drawn on a label is read from it, where it stands, in the order of reading."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from analyzers.builtin.label_text import ANALYZER
from analyzers.check import check_findings
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.origin import find_model
from analyzers.picture.picture import Picture
from analyzers.region import Box, Polygon
from analyzers.text.recognise import plain_text
from hashstore.digest import Digest
from node.museum.sheets.lettering import face

_LABEL = ("Quercus robur L.", "Sweden, Uppsala, Hågadalen", "leg. E. Lindqvist", "12 June 1894")
_OTHER = ("Herbarium Museum", "No. 004711")


@pytest.fixture(scope="module")
def reading(needs_package: Callable[[str], Any]) -> Reading:
    for package in ("onnxruntime", "cv2"):
        needs_package(package)
    paths = {model.name: find_model(model) for model in ANALYZER.description.models}
    assert all(paths.values()), (
        "the shipped models are not here; install the project again (see CONTRIBUTING)"
    )
    return ANALYZER.prepare(
        {"longest": 1200, "least": "0.5"}, {name: path for name, path in paths.items() if path}
    )


def label(lines: Sequence[str], size: int = 24) -> Image.Image:
    font = face("regular", size)
    image = Image.new("RGB", (size * 16, round(size * 1.6 * len(lines)) + size), "#fbf7ea")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((size // 2, size // 2 + round(number * size * 1.6)), line, "#222222", font)
    return image


def sheet(*labels: tuple[Image.Image, int, int]) -> Image.Image:
    image = Image.new("RGB", (900, 600), "#e9e4d4")
    for one, x, y in labels:
        image.paste(one, (x, y))
    return image


def read(reading: Reading, image: Image.Image, region: Box | None = None) -> Sequence[Finding]:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    picture = Picture(Digest.of(stream.getvalue()), stream.getvalue(), region)
    findings = reading(picture)
    check_findings(findings, ANALYZER.description.kinds, picture.size)
    return findings


def texts(findings: Sequence[Finding], kind: str) -> list[str]:
    return [str(finding.text) for finding in findings if finding.kind == kind]


def letters(lines: Sequence[str]) -> list[str]:
    """Without spaces: the network leaves some out behind a point or a comma."""
    return [line.replace(" ", "") for line in lines]


def test_lines_are_read_label_by_label(reading: Reading) -> None:
    found = read(reading, sheet((label(_OTHER), 480, 60), (label(_LABEL), 40, 40)))
    assert letters(texts(found, "line")) == letters([*_LABEL, *_OTHER])
    assert letters(texts(found, "text")) == ["".join(letters(_LABEL)), "".join(letters(_OTHER))]
    assert texts(found, "text")[0] == " ".join(texts(found, "line")[:4])
    assert all(float(str(finding.confidence)) > 0.8 for finding in found)


def test_each_line_stands_where_it_is_drawn(reading: Reading) -> None:
    image = sheet((label(_OTHER), 300, 200))
    whole, first, second = read(reading, image)
    assert isinstance(whole.region, Box)
    assert isinstance(first.region, Polygon)
    assert isinstance(second.region, Polygon)
    for finding, top in ((first, 212), (second, 250)):
        bounds = finding.region.bounds if isinstance(finding.region, Polygon) else whole.region
        assert bounds.x == pytest.approx(312, abs=10)
        assert bounds.y == pytest.approx(top, abs=12)
        assert whole.region.x <= bounds.x
        assert bounds.x + bounds.width <= whole.region.x + whole.region.width


@pytest.mark.parametrize("degrees", [12, 90, 180, 270])
def test_a_turned_label_is_read(reading: Reading, degrees: int) -> None:
    turned = label(_OTHER, 28).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="#e9e4d4")
    found = read(reading, sheet((turned, 200, 60)))
    assert letters(texts(found, "line")) == letters(_OTHER)


def test_of_a_region_only_its_text_is_read_with_places_in_the_whole_picture(reading: Reading) -> None:
    image = sheet((label(_OTHER), 480, 60), (label(_LABEL), 40, 40))
    found = read(reading, image, Box(470, 50, 420, 140))
    assert letters(texts(found, "line")) == letters(_OTHER)
    assert all(
        finding.region and finding.region.bounds and finding.region.bounds.x > 470 for finding in found
    )


def test_a_picture_without_text_has_none(reading: Reading) -> None:
    assert read(reading, Image.new("RGB", (300, 200), "white")) == []
    assert read(reading, Image.new("RGB", (1, 1), "black")) == []


def test_the_same_picture_is_read_alike(reading: Reading) -> None:
    image = sheet((label(_LABEL), 40, 40))
    assert read(reading, image) == read(reading, image)


def test_wide_forms_of_punctuation_are_plain_in_latin_text() -> None:
    assert plain_text(" Det．：Ｒ．　Soreng， 2010 ") == "Det.:R. Soreng, 2010"
    assert plain_text("产地：云南，") == "产地：云南，"


def test_a_real_label_is_read_as_its_transcript_says(reading: Reading, shared_data: Path) -> None:
    folder = shared_data / "annotations/DiSSCo+sdr-datasets/pinned_insects/HTR/test"
    told = json.loads((folder / "9c184955-2e83-493f-bf97-f8db2a53218d.json").read_text())["transcriptions"]
    picture = shared_data / "images/DiSSCo+SDR/galaxy-workflow/samples/images/nhmuk-012539905-small.jpg"
    found = words(texts(read(reading, Image.open(picture)), "line"))
    expected = words([line["transcription"] for line in told])
    right = (found & expected).total()
    assert 2 * right / (found.total() + expected.total()) > 0.9


def words(lines: Sequence[str]) -> Counter[str]:
    return Counter(re.findall(r"\w+", " ".join(lines).lower()))
