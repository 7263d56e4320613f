"""Pictures are the same if their pixels are, however they are written down."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from analyzers.picture.perceptual import NEAR, perceptual_hash
from analyzers.picture.pixels import pixel_digest, upright
from node.museum import Museum

sizes = st.tuples(st.integers(1, 40), st.integers(1, 300))
_TURNED = {
    1: None,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def picture(size: tuple[int, int], seed: int = 0, mode: str = "RGB") -> Image.Image:
    drawn = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], len(mode)), np.uint8)
    return Image.fromarray(drawn.squeeze() if len(mode) == 1 else drawn, mode)


def saved(image: Image.Image, format: str, **options: Any) -> Image.Image:
    file = io.BytesIO()
    image.save(file, format, **options)
    return upright(Image.open(file))


@settings(max_examples=25)
@given(sizes, st.integers(0, 9))
def test_compression_and_metadata_make_no_other_picture(size: tuple[int, int], level: int) -> None:
    image = picture(size, level)
    digests = {pixel_digest(upright(image)), pixel_digest(saved(image, "PNG", compress_level=level))}
    digests |= {pixel_digest(saved(image, "TIFF", description="a label")), pixel_digest(saved(image, "BMP"))}
    assert len(digests) == 1


@pytest.mark.parametrize("orientation", _TURNED)
def test_a_picture_that_lies_on_its_side_and_says_so_is_the_upright_one(orientation: int) -> None:
    image = picture((30, 20))
    turn = _TURNED[orientation]
    tags = Image.Exif()
    tags[0x0112] = orientation
    lying = saved(image if turn is None else image.transpose(turn), "PNG", exif=tags)
    assert lying.size == image.size
    assert pixel_digest(lying) == pixel_digest(image)


def test_grey_palette_and_needless_alpha_are_written_as_colours() -> None:
    grey = picture((9, 9), mode="L")
    assert pixel_digest(upright(grey)) == pixel_digest(grey.convert("RGB"))
    few = picture((9, 9)).quantize(8)
    assert pixel_digest(upright(few)) == pixel_digest(few.convert("RGB"))
    solid = picture((9, 9))
    solid.putalpha(255)
    assert pixel_digest(upright(solid)) == pixel_digest(solid.convert("RGB"))


def test_one_sample_more_or_less_makes_another_picture() -> None:
    image = picture((30, 20))
    other = image.copy()
    other.putpixel((29, 19), (1, 2, 3))
    clear = image.copy()
    clear.putalpha(254)
    deep = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30))
    turned = image.transpose(Image.Transpose.ROTATE_90)
    digests = {pixel_digest(upright(found)) for found in (image, other, clear, deep, turned)}
    assert len(digests) == 5


def test_samples_of_two_bytes_are_told_apart_by_both() -> None:
    one, other = (Image.fromarray(np.full((4, 4), value, np.uint16)) for value in (256, 257))
    assert pixel_digest(saved(one, "PNG")) == pixel_digest(upright(one))
    assert pixel_digest(upright(one)) != pixel_digest(upright(other))


def test_the_example_of_the_specification_is_true(project_root: Path) -> None:
    text = (project_root / "spec" / "pictures.md").read_text("utf-8")
    [told] = re.findall(r"^pixelDigest +(hash://sha256/[0-9a-f]{64})$", text, re.MULTILINE)
    image = Image.new("RGB", (2, 1), (255, 0, 0))
    image.putpixel((1, 0), (0, 0, 255))
    assert pixel_digest(upright(image)).uri == told


@pytest.fixture(scope="module")
def sheets(drawings_directory: Path) -> list[Image.Image]:
    """A few of the drawn museum's specimens."""
    with Museum(drawings_directory) as museum:
        found = [resource.body for path, resource in museum.resources.items() if path.endswith(".jpg")]
    return [upright(Image.open(io.BytesIO(body))) for body in dict.fromkeys(found[:9])]


def apart(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


def test_the_hash_is_that_of_pdqs_own_library(sheets: list[Image.Image]) -> None:
    pdqhash = pytest.importorskip("pdqhash")
    for sheet in sheets:
        small = sheet.resize((512, 512), Image.Resampling.BOX, reducing_gap=2.0)
        bits, quality = pdqhash.compute(np.asarray(small))
        assert quality > 50
        assert apart(perceptual_hash(small), np.packbits(bits).tobytes().hex()) <= 2


def test_a_picture_stays_near_itself_and_far_from_others(sheets: list[Image.Image]) -> None:
    hashes = [perceptual_hash(sheet) for sheet in sheets]
    for sheet, found in zip(sheets, hashes, strict=True):
        half = sheet.resize((sheet.width // 2, sheet.height // 2))
        assert apart(found, perceptual_hash(saved(half, "JPEG", quality=50))) <= NEAR // 2
    others = [apart(a, b) for i, a in enumerate(hashes) for b in hashes[:i]]
    assert min(others) > 2 * NEAR


def test_a_picture_of_nothing_has_no_outlines() -> None:
    assert perceptual_hash(Image.new("RGB", (300, 200), (250, 250, 240))) is None
    assert perceptual_hash(Image.new("RGB", (1, 1))) is None
