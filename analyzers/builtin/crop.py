"""Regions as pictures of their own, so that they can be read, shown and cited by themselves.

What a crop shows is what its region of the upright picture showed, pixel by pixel; 16 bits and alpha stay.
Nothing of the original's metadata comes along but an RGB profile, without which its colours are others.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analyzers.description import Description, Needs, Task
from analyzers.finding import Derivative, Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, decode, opened
from analyzers.picture.upright import upright_of
from analyzers.region import Box, Mask, Polygon
from hashstore.canonical import Json

if TYPE_CHECKING:
    from PIL.Image import Image

_LARGEST_PROFILE: Final = 1 << 20  # bytes
_RGB: Final = slice(16, 20)  # where an ICC profile names its colours (ICC.1:2022, 7.2)

DESCRIPTION: Final = Description(
    name="crop",
    version="1",
    task=Task.SEGMENT,
    about="A region cut out as a picture of its own, lossless (PNG).",
    kinds={"crop": "The picture that was cut out, and where it lies in this one."},
    parameters={
        "margin": {
            "description": "Pixels around the region that are cut out too, as far as the picture goes.",
            "type": "integer",
            "minimum": 0,
            "maximum": 10_000,
            "default": 0,
        },
        "outside": {
            "description": "What is outside an outline or a mask: kept as it is, or painted white.",
            "enum": ["keep", "white"],
            "default": "keep",
        },
    },
    needs=Needs(memory=12 << 30, seconds=120.0),
)


class Crop:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """Take the parameters; there are no models."""
        margin, white = int(str(parameters["margin"])), parameters["outside"] == "white"

        def read(picture: Picture) -> Sequence[Finding]:
            box = _box(picture, margin)
            cut = _shown(picture).crop((box.x, box.y, box.x + box.width, box.y + box.height))
            if white:
                _whiten(cut, picture, box)
            return [Finding("crop", box, derivative=Derivative(_png(cut, _profile(picture)), "image/png"))]

        return read


def _box(picture: Picture, margin: int) -> Box:
    width, height = picture.size
    bounds = (picture.region.bounds if picture.region else None) or Box(0, 0, width, height)
    left, top = max(0, bounds.x - margin), max(0, bounds.y - margin)
    right = min(width, bounds.x + bounds.width + margin)
    lower = min(height, bounds.y + bounds.height + margin)
    return Box(left, top, right - left, lower - top)


def _shown(picture: Picture) -> Image:
    """The whole upright picture; of a JPEG just the samples that other analyzers are given."""
    from PIL import Image

    with opened(picture.data) as image:
        jpeg = image.format == "JPEG"
    return Image.fromarray(decode(picture.data)) if jpeg else upright_of(picture.data)


def _whiten(cut: Image, picture: Picture, box: Box) -> None:
    from PIL import Image

    inside = _inside(picture, box)
    if inside is not None:
        white = Image.new(cut.mode, cut.size, 65_535 if cut.mode == "I;16" else "white")
        cut.paste(white, mask=inside.point(lambda value: 255 - value))


def _inside(picture: Picture, box: Box) -> Image | None:
    """255 where the region is; None where it is a rectangle, and all is."""
    from PIL import Image, ImageDraw

    inside = Image.new("L", (box.width, box.height))
    match picture.region:
        case Polygon(points):
            ImageDraw.Draw(inside).polygon([(x - box.x, y - box.y) for x, y in points], fill=255)
        case Mask(area, runs):
            values = np.arange(len(runs), dtype=np.uint8) % 2 * 255
            pixels = np.repeat(values, runs).reshape(area.height, area.width)
            inside.paste(Image.fromarray(pixels), (area.x - box.x, area.y - box.y))
        case _:
            return None
    return inside


def _profile(picture: Picture) -> bytes | None:
    with opened(picture.data) as image:
        found: Any = image.info.get("icc_profile")
    if not isinstance(found, bytes) or not 128 <= len(found) <= _LARGEST_PROFILE:
        return None
    return found if found[_RGB] == b"RGB " else None


def _png(cut: Image, profile: bytes | None) -> bytes:
    cut.info.clear()  # what Pillow found in the original would be written beside the samples
    out = io.BytesIO()
    cut.save(out, "PNG", compress_level=6, icc_profile=profile if cut.mode != "I;16" else None)
    return out.getvalue()


ANALYZER: Final = Crop()
