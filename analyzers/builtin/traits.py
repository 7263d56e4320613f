"""Colours and simple measures of a specimen; in millimetres where the picture shows a ruler.

The uncertainty of a measure comes from that of the scale, and from the outline, which may be half a pixel off
everywhere. That the specimen was segmented rightly is not part of it, nor that it lies as high as the ruler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.builtin.sheet_segments import segments_of, specimen_region
from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import Region
from hashstore.canonical import Json

_PIXEL: Final = 0.58  # standard uncertainty of a length between two edges, each known to within half a pixel
_LEAST: Final = 0.02  # of a specimen: rarer colours are not told

DESCRIPTION: Final = Description(
    name="traits",
    version="1",
    task=Task.MEASURE,
    about="Dominant colours, area, length, width, perimeter and solidity of the specimen.",
    kinds={
        "colour": "A dominant colour as L*, a*, b* (CIE 1976, D65), its share of the specimen as value.",
        "area": "Area of all parts of the specimen.",
        "length": "Longer side of the smallest rectangle around the largest part.",
        "width": "Shorter side of that rectangle.",
        "perimeter": "Outline of the largest part.",
        "solidity": "Area of the largest part over that of its convex hull.",
    },
    parameters={
        "colours": {
            "type": "integer",
            "minimum": 1,
            "maximum": 12,
            "default": 5,
            "description": "How many colours at most.",
        }
    },
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=("opencv-contrib-python-headless", "zxing-cpp"),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What a pixel is.

    Attributes:
        pixels: To one unit.
        error: Standard uncertainty of that.
        unit: By UCUM.
    """

    pixels: float = 1.0
    error: float = 0.0
    unit: str = "{pixel}"


class Traits:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes no models."""
        most = parameters.get("colours", 5)
        return partial(read, colours=most if isinstance(most, int) else 5)


def read(picture: Picture, colours: int) -> Sequence[Finding]:
    """The traits of a picture's specimen; nothing where there is none.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.placing import placing
    from analyzers.vision.rulers import find_ruler

    pixels = picture.pixels()
    _, inside = segments_of(pixels)
    where = placing(picture, pixels)
    region = specimen_region(inside, where)
    if region is None:
        return []
    ruler = find_ruler(pixels)
    scale = Scale(ruler.pixels, ruler.error, "mm") if ruler else Scale()
    return [*_colours(pixels[inside], colours, region), *measures(inside, scale, region)]


def _colours(pixels: Pixels, most: int, region: Region) -> Iterator[Finding]:
    from analyzers.vision.palette import palette

    for tone in palette(pixels, most):
        if tone.share >= _LEAST:
            text = " ".join(decimal_text(part, 1) for part in tone.lab)
            yield Finding("colour", region=region, text=text, value=decimal_text(tone.share, 3))


def measures(inside: npt.NDArray[np.bool_], scale: Scale, region: Region) -> Iterator[Finding]:
    """Area of a mask, and the shape of its largest part."""
    from analyzers.vision.pieces import pieces, shape_of

    found = pieces(inside)
    if not found:
        return
    shapes = [shape_of(piece) for piece in found]
    shape = shapes[max(range(len(found)), key=lambda one: int(found[one].inside.sum()))]
    rim = sum(one.perimeter for one in shapes)
    yield _area(float(inside.sum()), rim, scale, region)
    lengths = {"length": shape.length, "width": shape.width, "perimeter": shape.perimeter}
    yield from (_length(kind, pixels, scale, region) for kind, pixels in lengths.items())
    yield Finding("solidity", region=region, value=decimal_text(shape.solidity, 3))


def _area(pixels: float, rim: float, scale: Scale, region: Region) -> Finding:
    value = pixels / scale.pixels**2
    # Half a pixel off along the whole outline, as one: a threshold too low is so everywhere.
    error = value * np.hypot(2 * scale.error / scale.pixels, _PIXEL / 2 * rim / pixels)
    unit = f"{scale.unit}2"
    return Finding(
        "area",
        region=region,
        value=decimal_text(value, 2),
        unit=unit,
        uncertainty=decimal_text(float(error), 2),
    )


def _length(kind: str, pixels: float, scale: Scale, region: Region) -> Finding:
    value = pixels / scale.pixels
    error = value * np.hypot(scale.error / scale.pixels, _PIXEL / pixels)
    return Finding(
        kind,
        region=region,
        value=decimal_text(value, 2),
        unit=scale.unit,
        uncertainty=decimal_text(float(error), 2),
    )


ANALYZER: Final = Traits()
