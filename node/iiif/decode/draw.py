"""A part of an image, scaled, turned and encoded as a plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from node.iiif.decode.colour import coloured
from node.iiif.decode.source import Source
from node.iiif.geometry import SIDEWAYS, level_box, level_for, stored_box
from node.iiif.plan import Plan
from node.iiif.request import Format, Quality

if TYPE_CHECKING:
    from pyvips import Image

_WHITE: Final = 255
_JPEG_QUALITY: Final = 85
_WEBP_QUALITY: Final = 80
_RIGHT_ANGLES: Final = {90: "d90", 180: "d180", 270: "d270"}
# How an orientation of EXIF is put right: a turn clockwise, then a mirror.
_UPRIGHT: Final = {
    2: (0, "horizontal"),
    3: (180, None),
    4: (0, "vertical"),
    5: (90, "horizontal"),
    6: (90, None),
    7: (90, "vertical"),
    8: (270, None),
}


def draw(source: Source, made: Plan) -> bytes:
    """What is asked for, encoded; without any metadata, since these tell of places and people."""
    return _encoded(_drawn(source, made), made.format)


def _drawn(source: Source, made: Plan) -> Image:
    box = stored_box(made.box, source.orientation, source.width, source.height)
    sideways = source.orientation in SIDEWAYS
    width, height = (made.height, made.width) if sideways else (made.width, made.height)
    level = level_for(box, width, height, source.levels)
    image = source.level(level)
    part = level_box(box, level, image.width, image.height)
    if (part.width, part.height) != (image.width, image.height):
        image = image.crop(part.left, part.top, part.width, part.height)
    image = _scaled(coloured(image), width, height)
    if source.orientation != 1 or made.turn:
        image = image.copy_memory()  # it is read in another order than it comes in
    image = _upright(image, source.orientation)
    if made.mirrored:
        image = image.flip("horizontal")
    return _in_quality(_turned(image, made), made.quality)


def _scaled(image: Image, width: int, height: int) -> Image:
    if (image.width, image.height) == (width, height):
        return image
    clear = image.hasalpha()
    # Colours under what is transparent must not bleed into what is not.
    image = image.premultiply() if clear else image
    image = image.resize(width / image.width, vscale=height / image.height)
    return image.unpremultiply().cast("uchar") if clear else image


def _upright(image: Image, orientation: int) -> Image:
    angle, mirror = _UPRIGHT.get(orientation, (0, None))
    if angle:
        image = image.rot(_RIGHT_ANGLES[angle])
    return image.flip(mirror) if mirror else image


def _turned(image: Image, made: Plan) -> Image:
    if made.turn in _RIGHT_ANGLES:
        return image.rot(_RIGHT_ANGLES[int(made.turn)])
    if not made.turn:
        return image
    if made.format is Format.JPG:
        image = _flat(image)
        return image.rotate(float(made.turn), background=[_WHITE] * image.bands)
    image = image if image.hasalpha() else image.addalpha()
    return image.rotate(float(made.turn), background=[0] * image.bands)


def _in_quality(image: Image, quality: Quality) -> Image:
    if quality is Quality.GRAY:
        return image.colourspace("b-w")
    if quality is Quality.BITONAL:
        return _flat(image).colourspace("b-w") > 127
    return image


def _flat(image: Image) -> Image:
    if not image.hasalpha():
        return image
    return image.flatten(background=[_WHITE] * (image.bands - 1))


def _encoded(image: Image, format: Format) -> bytes:
    bare: dict[str, Any] = {"keep": 0}
    data: bytes
    match format:
        case Format.JPG:
            data = _flat(image).jpegsave_buffer(Q=_JPEG_QUALITY, **bare)
        case Format.PNG:
            data = image.pngsave_buffer(compression=6, **bare)
        case Format.WEBP:
            data = image.webpsave_buffer(Q=_WEBP_QUALITY, **bare)
        case Format.GIF:
            data = image.gifsave_buffer(**bare)
        case Format.TIF:
            data = image.tiffsave_buffer(compression="deflate", predictor="horizontal", **bare)
    return data
