"""The ruler or scale bar of a picture: pixels per millimetre.

A wrong scale is worse than none, since lengths are taken by it. So a row of even ticks is no ruler unless its
unit can be told: ticks of whole units are longer, or one centimetre of a scale bar is divided into ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from analyzers.decimals import decimal_text
from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

DESCRIPTION: Final = Description(
    name="ruler",
    version="1",
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
    where = placing(picture, pixels).polygon((float(x), float(y)) for x, y in ruler.outline)
    sure = decimal_text(ruler.sure, 2)
    name = "inch" if ruler.unit == "[in_i]" else "mm"
    return [
        Finding("ruler", region=where, text=name, confidence=sure),
        Finding(
            "scale",
            region=where,
            value=decimal_text(ruler.pixels, 4),
            unit="{pixel}/mm",
            uncertainty=decimal_text(ruler.error, 4),
            confidence=sure,
        ),
        Finding(
            "division", region=where, value=decimal_text(ruler.division), unit=ruler.unit, confidence=sure
        ),
    ]


ANALYZER: Final = RulerAnalyzer()
