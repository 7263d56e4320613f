"""Colours and simple measures of a specimen.

Where the picture shows a ruler they are in millimetres, and where it shows a colour chart colours are those
that things had: the scale and the profile that were used are told beside.

The uncertainty of a measure comes from that of the scale, and from the outline, which may be half a pixel off
everywhere. That the specimen was segmented rightly is not part of it, nor that it lies as high as the ruler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from analyzers.builtin.colour_checker import profile_findings
from analyzers.builtin.ruler import scale_finding
from analyzers.builtin.sheet_segments import specimen_region, taken_apart
from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.models.saliency import NETWORK
from analyzers.models.session import RUNTIME
from analyzers.picture.picture import Picture, Pixels
from analyzers.region import Region
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.vision.charts import Chart
    from analyzers.vision.profile import Profile
    from analyzers.vision.salient import Salient

_PIXEL: Final = 0.58  # standard uncertainty of a length between two edges, each known to within half a pixel
_AT_ONCE: Final = 1 << 18  # pixels whose colours are corrected
_LEAST: Final = 0.02  # of a specimen: rarer colours are not told

DESCRIPTION: Final = Description(
    name="traits",
    version="2",
    task=Task.MEASURE,
    about="Dominant colours, area, length, width, perimeter and solidity of the specimen.",
    kinds={
        "colour": "A dominant colour as L*, a*, b* (CIE 1976, D65), its share of the specimen as "
        "value; under the profile, where one is told.",
        "colour-profile": "The profile of the picture's chart, under which colours were taken.",
        "delta-e-before": "Mean CIEDE2000 of the chart's patches from what they should be.",
        "delta-e-after": "The same, each patch corrected by the profile that the others give.",
        "scale": "Pixels per millimetre of the picture's ruler, by which lengths were taken.",
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
        },
        "correct": {
            "enum": ["yes", "no"],
            "default": "yes",
            "description": "Whether colours are taken under the profile of the chart, where it helps.",
        },
    },
    models=(NETWORK,),
    needs=Needs(memory=12 << 30, seconds=180.0),
    environment=(RUNTIME, "opencv-contrib-python-headless", "zxing-cpp"),
    citation="Qin and others, U2-Net, Pattern Recognition 106, 2020",
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
        """Load the network."""
        from analyzers.vision.salient import salient_by

        most, correct = int(str(parameters["colours"])), parameters["correct"] == "yes"
        return partial(read, colours=most, correct=correct, salient=salient_by(models[NETWORK.name]))


def read(picture: Picture, colours: int, correct: bool, salient: Salient | None) -> Sequence[Finding]:
    """The traits of a picture's specimen; nothing where there is none.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.placing import placing

    pixels = picture.pixels()
    taken, where = taken_apart(pixels, salient), placing(picture, pixels)
    region = specimen_region(taken.specimen, where)
    if region is None:
        return []
    own, found = pixels[taken.specimen], list[Finding]()
    if correct and taken.chart and (helping := _helping(taken.chart)):
        own = _corrected(own, helping)
        corners = ((float(x), float(y)) for x, y in taken.chart.outline)
        found += profile_findings(helping, where.polygon(corners))
    ruler = taken.ruler
    found += [scale_finding(ruler, where)] if ruler else []
    scale = Scale(ruler.pixels, ruler.error, "mm") if ruler else Scale()
    return [*_colours(own, colours, region), *measures(taken.specimen, scale, region), *found]


def _helping(chart: Chart) -> Profile | None:
    """The profile of a chart, if it brings the chart's own colours nearer to what they should be."""
    from analyzers.vision.profile import Model, profile_of

    profile = profile_of(chart, Model.MATRIX)
    return profile if profile and profile.after < profile.before else None


def _corrected(colours: Pixels, profile: Profile) -> Pixels:
    from analyzers.vision.profile import corrected

    rows = np.array_split(colours, max(1, len(colours) // _AT_ONCE))
    return np.concatenate([corrected(row[None], profile)[0] for row in rows])


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
