"""Parts of images of every kind, as they are drawn; hostile ones end in a fault that says why."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from node.iiif.decode.job import look, make_pyramid

if TYPE_CHECKING:
    from tests.node.iiif.conftest import Draw

Seen = Callable[[Path], dict[str, Any]]
ORIENTATION = 0x0112


def _gradient(width: int = 60, height: int = 40) -> Image.Image:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    planes = [x * 255 // width, y * 255 // height, np.full_like(x, 90)]
    return Image.fromarray(np.dstack(planes).astype(np.uint8))


def _save(path: Path, image: Image.Image, kind: str, **more: Any) -> Path:
    image.save(path, kind, **more)
    return path


def _near(found: Image.Image, wanted: Image.Image, most: int = 8) -> bool:
    if found.size != wanted.size:
        return False
    apart = np.abs(np.asarray(found.convert("RGB"), int) - np.asarray(wanted.convert("RGB"), int))
    return float(np.percentile(apart, 99)) <= most


def _pixel(path: Path, x: int, y: int) -> list[int]:
    with Image.open(path) as image:
        return [int(value) for value in np.asarray(image.convert("RGB"))[y, x]]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("JPEG", {"quality": 95, "subsampling": 0}), ("PNG", {}), ("TIFF", {}),
     ("TIFF", {"compression": "tiff_lzw"}),
     ("WEBP", {"lossless": True}), ("JPEG2000", {}), ("AVIF", {"quality": 95})],
)  # fmt: skip
def test_every_format_is_shown_as_it_is(kind: str, more: dict[str, Any], drawn: Draw, tmp_path: Path) -> None:
    path = _save(tmp_path / "a", _gradient(), kind, **more)
    assert _near(Image.open(drawn(path)), _gradient())


@pytest.mark.parametrize("format", ["jpg", "png", "webp", "gif", "tif"])
def test_every_format_is_sent(format: str, drawn: Draw, tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", _gradient(), "PNG")
    with Image.open(drawn(path, f"full/max/0/default.{format}")) as found:
        assert found.format == {"jpg": "JPEG", "tif": "TIFF"}.get(format, format.upper())
        assert _near(found, _gradient(), 24)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_what_is_turned_by_exif_is_shown_upright(orientation: int, drawn: Draw, tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    path = _save(tmp_path / "a.jpg", _gradient(330, 270), "JPEG", exif=tags, quality=95, subsampling=0)
    wanted = ImageOps.exif_transpose(Image.open(path))
    assert _near(Image.open(drawn(path)), wanted)
    pyramid = tmp_path / "pyramid.tif"
    assert "size" in make_pyramid({"path": str(path), "most_pixels": 1 << 30, "target": str(pyramid)})
    part = drawn(path, "100,50,80,60/40,30/!90/default.png", pyramid)
    expected = ImageOps.mirror(wanted.crop((100, 50, 180, 110)).resize((40, 30))).rotate(-90, expand=True)
    assert _near(Image.open(part), expected, 14)


def test_a_part_is_cut_scaled_mirrored_and_turned(drawn: Draw, tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", _gradient(), "PNG")
    assert _near(Image.open(drawn(path, "20,10,30,20/max/0/default.png")), _gradient().crop((20, 10, 50, 30)))
    assert Image.open(drawn(path, "full/30,10/0/default.png")).size == (30, 10)
    turned = Image.open(drawn(path, "full/max/90/default.png"))
    assert _near(turned, _gradient().rotate(-90, expand=True))
    askew = Image.open(drawn(path, "full/max/45/default.png"))
    assert askew.mode == "RGBA"
    assert askew.getpixel((0, 0)) == (0, 0, 0, 0)
    assert _pixel(drawn(path, "full/max/45/default.jpg"), 0, 0)[0] > 240


def test_grey_and_bitonal(drawn: Draw, tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", _gradient(), "PNG")
    assert Image.open(drawn(path, "full/max/0/gray.png")).mode == "L"
    bitonal = Image.open(drawn(path, "full/max/0/bitonal.png")).convert("L")
    assert set(np.unique(np.asarray(bitonal))) == {0, 255}


def test_a_pyramid_shows_what_the_image_shows(drawn: Draw, tmp_path: Path) -> None:
    wanted = _gradient(1301, 777)
    path = _save(tmp_path / "a.png", wanted, "PNG")
    pyramid = tmp_path / "pyramid.tif"
    assert "size" in make_pyramid({"path": str(path), "most_pixels": 1 << 30, "target": str(pyramid)})
    with Image.open(pyramid) as made:
        assert getattr(made, "n_frames") == 3  # noqa: B009 - of TIFF alone
    for asked in ("full/max", "512,512,512,265/max", "1024,0,277,777/139,389", "full/326,195", "full/100,"):
        direct = Image.open(drawn(path, f"{asked}/0/default.png"))
        assert _near(Image.open(drawn(path, f"{asked}/0/default.png", pyramid)), direct, 6)


def test_what_is_transparent_stays_so_where_the_format_can(drawn: Draw, tmp_path: Path) -> None:
    image = _gradient(330, 270)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    path = _save(tmp_path / "a.png", image, "PNG")
    pyramid = tmp_path / "pyramid.tif"
    make_pyramid({"path": str(path), "most_pixels": 1 << 30, "target": str(pyramid)})
    for made in (None, pyramid):
        shown = Image.open(drawn(path, "full/33,/0/default.png", made))
        assert shown.mode == "RGBA"
        assert np.asarray(shown)[0, 15, 3] < 12
        assert _pixel(drawn(path, "full/33,/0/default.jpg", made), 15, 0)[0] > 240


def test_nothing_that_a_file_says_of_places_and_people_is_sent(drawn: Draw, tmp_path: Path) -> None:
    tags = Image.Exif()
    tags[0x010E] = "Hintertal beim Wasserfall"
    tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 18.0, 25.63)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = _save(
        tmp_path / "a.jpg", _gradient(), "JPEG", exif=tags, icc_profile=profile, comment=b"Hintertal"
    )
    for format in ("jpg", "png", "webp", "gif", "tif"):
        made = drawn(path, f"full/max/0/default.{format}")
        assert b"Hintertal" not in made.read_bytes()
        with Image.open(made) as found:
            assert not found.getexif().get_ifd(0x8825)
            assert "icc_profile" not in found.info


# Bad input: each ends in what is shown of it, or in a fault.


def test_of_what_moves_the_first_frame_is_shown(drawn: Draw, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP"):
        path = _save(tmp_path / kind, frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        with Image.open(drawn(path)) as found:
            assert found.size == (20, 20)
            assert _near(found, frames[0])


def test_of_several_pages_the_first_is_shown(drawn: Draw, tmp_path: Path) -> None:
    pages = [_gradient(), Image.new("RGB", (900, 10), "blue")]
    path = _save(tmp_path / "a.tif", pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert _near(Image.open(drawn(path)), _gradient())


def test_cmyk_is_shown_in_colours_of_a_screen(drawn: Draw, tmp_path: Path) -> None:
    for kind in ("JPEG", "TIFF"):
        path = _save(tmp_path / kind, Image.new("CMYK", (30, 20), (0, 255, 255, 0)), kind)
        with Image.open(drawn(path, "full/max/0/default.jpg")) as found:
            assert found.mode == "RGB"
            red, green, blue = np.asarray(found)[10, 10]
            assert red > 180
            assert max(green, blue) < 90


def test_sixteen_bits_are_shown_by_their_upper_eight(drawn: Draw, tmp_path: Path) -> None:
    deep = np.linspace(0, 65_535, 256).astype(np.uint16).reshape(1, 256).repeat(8, 0)
    for kind in ("PNG", "TIFF", "JPEG2000"):
        path = _save(tmp_path / kind, Image.fromarray(deep), kind)
        with Image.open(drawn(path)) as found:
            shown = np.asarray(found.convert("L"))[4].astype(int)
            assert np.abs(shown - np.arange(256)).max() <= 2


@pytest.mark.parametrize("profile", [b"no profile at all", b"\0\0\2\x0cADBE" + b"\0" * 500])
def test_a_damaged_colour_profile_is_passed_over(profile: bytes, drawn: Draw, tmp_path: Path) -> None:
    path = _save(tmp_path / "a.jpg", _gradient(), "JPEG", icc_profile=profile, quality=95, subsampling=0)
    assert _near(Image.open(drawn(path)), _gradient())


def test_a_profile_of_other_colours_than_the_image_has_is_passed_over(drawn: Draw, tmp_path: Path) -> None:
    grey = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    path = _save(tmp_path / "a.png", _gradient(), "PNG", icc_profile=grey)
    assert _near(Image.open(drawn(path)), _gradient())


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF", b"not an image", b"%PDF-1.7\n", b"BM" + b"\0" * 60,
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><svg>&e;</svg>',
        b"<html><script>alert(1)</script></html>", b"P6 10 10 255 " + b"\0" * 300,
    ],
)  # fmt: skip
def test_what_is_no_image_is_said_to_be_none(data: bytes, seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_bytes(data)
    fault = "damaged" if data[:3] in (b"\xff\xd8\xff", b"GIF") else "not-understood"
    assert seen(tmp_path / "a.svg") == {"fault": fault}


def test_a_file_that_is_two_things_is_shown_as_the_image_and_sent_as_nothing_else(
    drawn: Draw, tmp_path: Path
) -> None:
    page = b"<html><script>alert(document.domain)</script></html>"
    path = _save(tmp_path / "a.jpg", _gradient(), "JPEG", comment=page, quality=95, subsampling=0)
    path.write_bytes(path.read_bytes() + b"PK\3\4" + page)
    made = drawn(path, "full/max/0/default.jpg")
    assert _near(Image.open(made), _gradient())
    assert b"script" not in made.read_bytes()
    assert b"PK" not in made.read_bytes()[-64:]


@pytest.mark.parametrize(
    ("kind", "more"),
    [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("TIFF", {}), ("WEBP", {}), ("GIF", {}),
     ("JPEG2000", {}), ("AVIF", {})],
)  # fmt: skip
def test_what_ends_too_early_is_damaged(kind: str, more: dict[str, Any], seen: Seen, tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 255, (90, 90, 3), np.uint8))
    out = io.BytesIO()
    noise.save(out, kind, **more)
    (tmp_path / "a").write_bytes(out.getvalue()[: len(out.getvalue()) * 2 // 3])
    assert seen(tmp_path / "a") == {"fault": "damaged"}


def _png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def test_a_bomb_is_not_opened(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(_png(1_000_000, 1_000_000))
    assert seen(tmp_path / "bomb.png") == {"fault": "too-large"}
    (tmp_path / "bomb.jp2").write_bytes(_jp2(60_000, 60_000))
    assert seen(tmp_path / "bomb.jp2")["fault"] in ("too-large", "damaged")
    (tmp_path / "wide.gif").write_bytes(
        b"GIF89a\xff\xff\xff\xff\x80\0\0" + b"\0" * 6 + b",\0\0\0\0\xff\xff\xff\xff\0\2\2L\1\0;"
    )
    assert "fault" in seen(tmp_path / "wide.gif")


def _jp2(width: int, height: int) -> bytes:
    out = io.BytesIO()
    _gradient().save(out, "JPEG2000")
    data = bytearray(out.getvalue())
    at = data.index(b"ihdr") + 4
    data[at : at + 8] = struct.pack(">II", height, width)
    size = data.index(b"\xff\x51") + 6
    data[size : size + 8] = struct.pack(">II", width, height)
    return bytes(data)


def test_a_png_that_says_more_than_it_has_is_damaged(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(_png(1000, 1000, b"\0" * 500))
    assert seen(tmp_path / "a.png") == {"fault": "damaged"}


def test_a_full_disk_is_no_fault_of_the_image(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.png", _gradient(), "PNG")
    assert look({"path": str(path.with_name("gone.png")), "most_pixels": 1, "decoded": 1}) == {
        "fault": "no-room"
    }
