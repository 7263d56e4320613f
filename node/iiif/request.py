"""What an image is asked for, read from the path of a request (IIIF Image API 3.0 and 2.1, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Final, TypeVar

from node.errors import MalformedImageRequest


class Version(StrEnum):
    """The versions of the Image API that are answered."""

    TWO = "2"
    THREE = "3"


class Quality(StrEnum):
    """In which colours a picture is shown."""

    DEFAULT = "default"
    COLOR = "color"
    GRAY = "gray"
    BITONAL = "bitonal"


class Format(StrEnum):
    """In which format it is sent."""

    JPG = "jpg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    TIF = "tif"

    @property
    def media_type(self) -> str:
        """Its media type."""
        return {"jpg": "image/jpeg", "tif": "image/tiff"}.get(self.value, f"image/{self.value}")


class RegionForm(Enum):
    """How a region is named."""

    FULL = 1
    SQUARE = 2
    PIXELS = 3
    PERCENT = 4


class SizeForm(Enum):
    """How a size is named."""

    MAX = 1
    FULL = 2  # of version 2: as large as the region
    WIDTH = 3
    HEIGHT = 4
    PERCENT = 5
    EXACT = 6
    CONFINED = 7


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture; left, top, width and height in pixels or percent, where its form has them."""

    form: RegionForm
    box: tuple[Fraction, Fraction, Fraction, Fraction] = (Fraction(0),) * 4


@dataclass(frozen=True, slots=True)
class Size:
    """A size; only what its form names is more than 0.

    Attributes:
        form: How it is named.
        width: Pixels.
        height: Pixels.
        percent: Of the region.
        upscaled: Whether it may be larger than the region.
    """

    form: SizeForm
    width: int = 0
    height: int = 0
    percent: Fraction = Fraction(0)
    upscaled: bool = False


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What is asked for of an image, of which nothing is known yet.

    Attributes:
        version: By which version of the API.
        region: Which part.
        size: How large.
        mirrored: Whether it is mirrored at its vertical axis, before it is turned.
        turn: Degrees by which it is turned clockwise, from 0 to less than 360.
        quality: In which colours.
        format: In which format.
    """

    version: Version
    region: Region
    size: Size
    mirrored: bool
    turn: Fraction
    quality: Quality
    format: Format


Name = TypeVar("Name", Quality, Format)
_NUMBER: Final = r"([0-9]{1,9}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})"
_WHOLE: Final = r"([0-9]{1,9})"
_PIXELS: Final = re.compile(",".join([_WHOLE] * 4))
_PERCENT: Final = re.compile("pct:" + ",".join([_NUMBER] * 4))
_SIZES: Final = (
    (SizeForm.WIDTH, re.compile(f"{_WHOLE},")),
    (SizeForm.HEIGHT, re.compile(f",{_WHOLE}")),
    (SizeForm.EXACT, re.compile(f"{_WHOLE},{_WHOLE}")),
    (SizeForm.CONFINED, re.compile(f"!{_WHOLE},{_WHOLE}")),
    (SizeForm.PERCENT, re.compile(f"pct:{_NUMBER}")),
)
_TURN: Final = re.compile(f"(!?){_NUMBER}")


def read_request(version: Version, region: str, size: str, rotation: str, shown: str) -> ImageRequest:
    """Read the four parts of a path.

    Args:
        version: By which version of the API.
        region: Such as `full` or `0,0,512,512`.
        size: Such as `max` or `512,`.
        rotation: Such as `0` or `!90`.
        shown: Quality and format, such as `default.jpg`.

    Raises:
        MalformedImageRequest: One of them says nothing that these versions know.
    """
    mirrored, turn = _read_turn(rotation)
    quality, _, format = shown.rpartition(".")
    return ImageRequest(
        version, _read_region(region), _read_size(version, size), mirrored, turn,
        _one_of(Quality, quality, "quality"), _one_of(Format, format, "format"),
    )  # fmt: skip


def _read_region(text: str) -> Region:
    if text in ("full", "square"):
        return Region(RegionForm[text.upper()])
    for form, pattern in ((RegionForm.PIXELS, _PIXELS), (RegionForm.PERCENT, _PERCENT)):
        if found := pattern.fullmatch(text):
            left, top, width, height = map(Fraction, found.groups())
            if not width or not height:
                raise MalformedImageRequest("A region of no width or no height shows nothing.")
            return Region(form, (left, top, width, height))
    raise MalformedImageRequest("The region must be full, square, x,y,w,h or pct:x,y,w,h.")


def _read_size(version: Version, text: str) -> Size:
    upscaled = version is Version.THREE and text.startswith("^")
    plain = text[1:] if upscaled else text
    if plain == "max":
        return Size(SizeForm.MAX, upscaled=upscaled)
    if plain == "full" and version is Version.TWO:
        return Size(SizeForm.FULL)
    for form, pattern in _SIZES:
        if found := pattern.fullmatch(plain):
            return _size_of(form, found.groups(), upscaled)
    words = "max, w, or ,h or w,h or !w,h or pct:n"
    raise MalformedImageRequest(
        f"The size must be {words}, each perhaps with ^ before it."
        if version is Version.THREE
        else f"The size must be full, {words}."
    )


def _size_of(form: SizeForm, numbers: tuple[str, ...], upscaled: bool) -> Size:
    if not all(Fraction(number) for number in numbers):
        raise MalformedImageRequest("A size of nothing shows nothing.")
    if form is SizeForm.PERCENT:
        return Size(form, percent=Fraction(numbers[0]), upscaled=upscaled)
    width = 0 if form is SizeForm.HEIGHT else int(numbers[0])
    height = 0 if form is SizeForm.WIDTH else int(numbers[-1])
    return Size(form, width, height, upscaled=upscaled)


def _read_turn(text: str) -> tuple[bool, Fraction]:
    found = _TURN.fullmatch(text)
    if not found or Fraction(found[2]) > 360:
        raise MalformedImageRequest("The rotation must be from 0 to 360 degrees, perhaps with ! before it.")
    return bool(found[1]), Fraction(found[2]) % 360


def _one_of(kind: type[Name], text: str, what: str) -> Name:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(kind)
        raise MalformedImageRequest(f"The {what} must be one of {known}.") from None
