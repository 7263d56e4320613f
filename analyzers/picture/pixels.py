"""A picture's pixels: upright, in one written form, and their digest (spec/pictures.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from hashstore.digest import Digest

if TYPE_CHECKING:
    from PIL.Image import Image

_STRIP: Final = 256  # rows that are in memory twice at once
_DEEP: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")


def upright(image: Image) -> Image:
    """The picture as people are to see it: turned as EXIF says; RGB, with alpha if anything shines through.

    Raises:
        OSError: The file ends before its picture does, or is damaged.
    """
    from PIL import ImageOps

    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode in _DEEP:
        return turned.convert("I;16") if turned.mode.startswith("I") else turned.convert("L").convert("RGB")
    if not turned.has_transparency_data:
        return turned if turned.mode == "RGB" else turned.convert("RGB")
    whole = turned.convert("RGBA")
    solid = not any(whole.getchannel("A").histogram()[:255])
    return whole.convert("RGB") if solid else whole


def pixel_digest(image: Image) -> Digest:
    """The digest of an upright picture: a line of mode, width and height, then the samples row by row."""
    mode = "L16" if image.mode == "I;16" else image.mode
    hasher = hashlib.sha256(f"vasculum-pixels 1 {mode} {image.width} {image.height}\n".encode("ascii"))
    for strip in _strips(image):
        hasher.update(strip)
    return Digest(hasher.digest())


def _strips(image: Image) -> Iterator[bytes]:
    raw = "I;16B" if image.mode == "I;16" else image.mode
    for top in range(0, image.height, _STRIP):
        part = image.crop((0, top, image.width, min(top + _STRIP, image.height)))
        yield part.tobytes("raw", raw)
