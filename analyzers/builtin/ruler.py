"""The ruler or scale bar of a picture: pixels per millimetre.

A wrong scale is worse than none, since lengths are taken by it. So a row of even ticks is no ruler unless its
unit can be told: ticks of whole units are longer, or one centimetre of a scale bar is divided into ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture
from analyzers.region import Polygon
from hashstore.canonical import Json

if TYPE_CHECKING:
    from analyzers.vision.graduation import Ruler
    from analyzers.vision.placing import Placing

DESCRIPTION: Final = Description(
    name="ruler",
    version="2",
    task=Task.MEASURE,
    about="The ruler or scale bar: pixels per millimetre, with uncertainty.",
    kinds={
        "ruler": "Where the ticks of a ruler are, from the first found to the last, with its unit as text.",
        "scale": "Pixels per millimetre along that ruler.",
        "division": "The smallest division of that ruler, inferred from its ticks.",
    },
    needs=Needs(memory=12 << 30, seconds=120.0),
    environment=("opencv-contrib-python-headless",),
)


class RulerAnalyzer:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes neither."""
        return read


def read(picture: Picture) -> Sequence[Finding]:
    """The ruler of a picture; nothing where none is found, or two that disagree.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    from analyzers.vision.placing import placing
    from analyzers.vision.rulers import find_ruler

    pixels = picture.pixels()
    ruler = find_ruler(pixels)
    if ruler is None:
        return []
    placed = placing(picture, pixels)
    where = outline_of(ruler, placed)
    sure = decimal_text(ruler.sure, 2)
    name = "inch" if ruler.unit == "[in_i]" else "mm"
    return [
        Finding("ruler", region=where, text=name, confidence=sure),
        scale_finding(ruler, placed),
        Finding(
            "division", region=where, value=decimal_text(ruler.division), unit=ruler.unit, confidence=sure
        ),
    ]


def outline_of(ruler: Ruler, placed: Placing) -> Polygon:
    """Where the ticks of a ruler are."""
    return placed.polygon((float(x), float(y)) for x, y in ruler.outline)


def scale_finding(ruler: Ruler, placed: Placing) -> Finding:
    """Pixels per millimetre along a ruler."""
    return Finding(
        "scale",
        region=outline_of(ruler, placed),
        value=decimal_text(ruler.pixels, 4),
        unit="{pixel}/mm",
        uncertainty=decimal_text(ruler.error, 4),
        confidence=decimal_text(ruler.sure, 2),
    )


ANALYZER: Final = RulerAnalyzer()
