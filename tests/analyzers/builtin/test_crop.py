"""A crop shows what its region showed, pixel by pixel, in the same bytes each time."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from analyzers.builtin.crop import ANALYZER
from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from analyzers.region import Box, Grid, Mask, Point, Polygon, Region
from hashstore.digest import Digest

_NOISE = np.random.default_rng(7).integers(0, 256, (40, 60, 4), np.uint8)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def cropped(data: bytes, region: Region | None, **parameters: Any) -> Finding:
    read = ANALYZER.prepare({"margin": 0, "outside": "keep", **parameters}, {})
    (finding,) = read(Picture(Digest.of(data), data, region))
    return finding


def made(finding: Finding) -> bytes:
    assert finding.derivative is not None
    assert finding.derivative.media_type == "image/png"
    return finding.derivative.data


def turned() -> bytes:
    tags = Image.Exif()
    tags[0x0112] = 6
    return encoded(Image.fromarray(_NOISE[:, :, :3]), "JPEG", quality=80, exif=tags.tobytes())


_PICTURES = {
    "jpeg": encoded(Image.fromarray(_NOISE[:, :, :3]), "JPEG", quality=70),
    "turned": turned(),
    "grey": encoded(Image.fromarray(_NOISE[:, :, 0]), "JPEG", quality=70),
    "png": encoded(Image.fromarray(_NOISE[:, :, :3]), "PNG"),
    "palette": encoded(Image.fromarray(_NOISE[:, :, :3]).quantize(16), "PNG"),
    "alpha": encoded(Image.fromarray(_NOISE), "PNG"),
    "deep": encoded(Image.fromarray(_NOISE[:, :, 0].astype(np.uint16) * 257), "PNG"),
}


@pytest.mark.parametrize("name", _PICTURES)
@pytest.mark.parametrize("region", [None, Box(3, 5, 20, 11), Grid(2, 2, (1, 3)), Point(4, 4)])
def test_analyzers_see_in_a_crop_what_they_saw_in_its_region(name: str, region: Region | None) -> None:
    data = _PICTURES[name]
    finding = cropped(data, region)
    shown = Picture(Digest.of(data), data, region).pixels()
    again = made(finding)
    assert np.array_equal(Picture(Digest.of(again), again).pixels(), shown)
    assert made(cropped(data, region)) == again


def test_sixteen_bits_and_alpha_stay() -> None:
    for name, mode in (("deep", "I;16"), ("alpha", "RGBA")):
        with Image.open(io.BytesIO(made(cropped(_PICTURES[name], Box(0, 0, 9, 9))))) as image:
            assert image.mode == mode


def test_a_margin_goes_as_far_as_the_picture() -> None:
    data = _PICTURES["png"]
    assert cropped(data, Box(3, 5, 20, 11), margin=4).region == Box(0, 1, 27, 19)
    assert cropped(data, Box(50, 30, 10, 10), margin=9).region == Box(41, 21, 19, 19)


@pytest.mark.parametrize(
    "region", [Polygon(((2, 2), (11, 2), (11, 7), (2, 7))), Mask(Box(2, 2, 10, 6), (0, 60))]
)
def test_what_is_outside_an_outline_or_mask_is_painted_white(region: Region) -> None:
    data = _PICTURES["png"]
    plain, white = (
        np.asarray(Image.open(io.BytesIO(made(cropped(data, region, margin=1, outside=outside)))))
        for outside in ("keep", "white")
    )
    assert np.array_equal(plain[1:-1, 1:-1], white[1:-1, 1:-1])
    assert (white[0] == 255).all()
    assert (white[:, 0] == 255).all()
    assert np.array_equal(plain, _NOISE[1:9, 1:13, :3])


def test_nothing_of_the_original_comes_along_but_an_rgb_profile() -> None:
    tags = Image.Exif()
    tags[0x010E] = "a secret place"
    profile = bytes(16) + b"RGB " + bytes(200)
    whole = Image.fromarray(_NOISE[:, :, :3])
    data = encoded(whole, "PNG", exif=tags.tobytes(), icc_profile=profile, dpi=(300, 300))
    with Image.open(io.BytesIO(made(cropped(data, None)))) as image:
        assert image.info == {"icc_profile": profile}
    other = encoded(whole, "PNG", icc_profile=bytes(16) + b"CMYK" + bytes(200))
    with Image.open(io.BytesIO(made(cropped(other, None)))) as image:
        assert image.info == {}
