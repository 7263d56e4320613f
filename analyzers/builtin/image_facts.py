"""What a picture is, without looking at what it shows: size, format, colour profile, sharpness, exposure.

Of EXIF only a few harmless tags are told. Where a picture was taken never is, be it that of a common plant:
that it carries a place is said, so that a curator can decide.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from analyzers.decimals import decimal_text
from analyzers.description import Description, InputKind, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, opened, orientation
from hashstore.canonical import Json

if TYPE_CHECKING:
    from PIL.Image import Image

_SHORTEST: Final = 512  # sharpness and exposure are taken at this size, so that pictures can be compared
_LUMA: Final = np.array([0.299, 0.587, 0.114], np.float32)
_DARK, _BRIGHT = 5, 250  # of 255: beyond them nothing can be told apart any more
_TAGS: Final = {0x010F: "camera-maker", 0x0110: "camera-model", 0x0131: "software"}
_EXIF_FOLDER, _GPS_FOLDER, _TAKEN = 0x8769, 0x8825, 0x9003
_WHEN: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")

DESCRIPTION: Final = Description(
    name="image-facts",
    version="1",
    task=Task.DESCRIBE,
    about="Size, format, colour profile, a few EXIF tags, sharpness, exposure, digest of the pixels.",
    kinds={
        "format": "The file format, by its media type.",
        "width": "Width of the upright picture in pixels.",
        "height": "Height of the upright picture in pixels.",
        "orientation": "EXIF's Orientation, 1 to 8, where it is not 1.",
        "colour-mode": "How a pixel is written in the file, by Pillow's name: RGB, L, CMYK.",
        "colour-profile": "The ICC profile, by its own description.",
        "resolution": "Pixels per inch that the file claims.",
        "taken": "When the picture was taken, as the camera says, without time zone.",
        "camera-maker": "EXIF's Make.",
        "camera-model": "EXIF's Model.",
        "software": "EXIF's Software.",
        "has-place": "The file carries coordinates (EXIF GPS), which are not told here.",
        "pixel-digest": "Digest of the upright pixels (spec/pictures.md).",
        "perceptual-hash": "PDQ hash of the upright picture (spec/pictures.md).",
        "sharpness": "Variance of the Laplacian of luminance 0 to 1, at 512 pixels on the shorter side.",
        "brightness": "Mean luminance, 0 to 1.",
        "contrast": "Standard deviation of luminance, 0 to 1.",
        "clipped-dark": "Share of pixels darker than 5 of 255.",
        "clipped-bright": "Share of pixels brighter than 250 of 255.",
    },
    inputs=(InputKind.IMAGE,),
    needs=Needs(memory=12 << 30, seconds=60.0),
    citation="PDQ: Facebook, The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm, 2019",
)


class ImageFacts:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes neither."""
        return read


def read(picture: Picture) -> Sequence[Finding]:
    """All facts of a picture.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    with opened(picture.data) as image:
        facts = [*_file(image, picture.size), *_exif(image)]
    return [*facts, *_identical(picture), *_look(picture)]


def _file(image: Image, size: tuple[int, int]) -> Iterator[Finding]:
    yield Finding("format", text=_media_type(image))
    yield Finding("width", value=str(size[0]))
    yield Finding("height", value=str(size[1]))
    if (turned := orientation(image)) != 1:
        yield Finding("orientation", value=str(turned))
    yield Finding("colour-mode", text=image.mode)
    if profile := _profile(image):
        yield Finding("colour-profile", text=profile)
    dots = image.info.get("dpi")
    if isinstance(dots, tuple) and 1 < float(dots[0]) < 100_000:
        yield Finding("resolution", value=decimal_text(float(dots[0]), 2), unit="[in_i]-1")


def _media_type(image: Image) -> str:
    from PIL.Image import MIME

    name = image.format or ""
    return MIME.get(name) or f"image/x-{name.lower()}"


def _profile(image: Image) -> str:
    from PIL import ImageCms

    raw = image.info.get("icc_profile")
    if not raw:
        return ""
    try:
        return _plain(ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(raw)))) or "unnamed"
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return "damaged"


def _exif(image: Image) -> Iterator[Finding]:
    try:
        tags = image.getexif()
        taken, place = tags.get_ifd(_EXIF_FOLDER).get(_TAKEN), tags.get_ifd(_GPS_FOLDER)
    except Exception:  # EXIF of strangers is read by Pillow in many ways, and fails in as many
        return
    if found := _WHEN.fullmatch(_plain(taken)):
        yield Finding("taken", text=f"{found[1]}-{found[2]}-{found[3]}T{found[4]}")
    for number, kind in _TAGS.items():
        if text := _plain(tags.get(number)):
            yield Finding(kind, text=text)
    if place:
        yield Finding("has-place")


def _plain(value: object) -> str:
    return (
        " ".join("".join(c if c.isprintable() else " " for c in value).split())[:200]
        if isinstance(value, str)
        else ""
    )


def _identical(picture: Picture) -> Iterator[Finding]:
    from analyzers.picture.perceptual import perceptual_hash
    from analyzers.picture.pixels import pixel_digest
    from analyzers.picture.upright import upright_of

    image = upright_of(picture.data)
    yield Finding("pixel-digest", text=pixel_digest(image).uri)
    if found := perceptual_hash(image):
        yield Finding("perceptual-hash", text=found)


def _look(picture: Picture) -> Iterator[Finding]:
    light = luminance(picture.pixels(_SHORTEST))
    yield Finding("sharpness", value=decimal_text(sharpness(light), 6))
    yield Finding("brightness", value=decimal_text(float(light.mean(dtype=np.float64)), 4))
    yield Finding("contrast", value=decimal_text(float(light.std(dtype=np.float64)), 4))
    yield Finding("clipped-dark", value=decimal_text(float((light < _DARK / 255).mean()), 4))
    yield Finding("clipped-bright", value=decimal_text(float((light > _BRIGHT / 255).mean()), 4))


def luminance(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Luminance 0 to 1, its shorter side at most `_SHORTEST`: means of whole blocks of pixels."""
    step = max(1, min(pixels.shape[:2]) // _SHORTEST)
    height, width = (length // step * step for length in pixels.shape[:2])
    light = pixels[:height, :width].astype(np.float32) @ (_LUMA / 255)
    found: npt.NDArray[np.float32] = light.reshape(height // step, step, width // step, step).mean((1, 3))
    return found


def sharpness(light: npt.NDArray[np.float32]) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al., ICPR 2000); 0 for what is too small to have one."""
    if min(light.shape) < 3:
        return 0.0
    middle = light[1:-1, 1:-1]
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float((around - 4 * middle).var(dtype=np.float64))


ANALYZER: Final = ImageFacts()
