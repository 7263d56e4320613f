"""The shapes that tools draw in an SvgSelector: one polygon, rectangle, circle or straight path."""

from __future__ import annotations

import re
from typing import Final

from analyzers.errors import BadOutput
from analyzers.exchange.numbers import box_of, polygon_of
from analyzers.region import Point, Region

_LARGEST: Final = 1 << 20  # characters
_NUMBER: Final = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS: Final = re.compile(_NUMBER)
_PATH: Final = re.compile(rf"\s*M(?:\s*,?\s*{_NUMBER}|\s*L)*\s*[Zz]?\s*")


def region_of_svg(text: str) -> Region:
    """The region of a drawing with a single shape.

    Raises:
        BadOutput: it is no drawing, or its shape is of another sort.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    if len(text) > _LARGEST:
        raise BadOutput(f"its drawing has more than {_LARGEST:,} characters")
    try:
        shapes = [one for one in fromstring(text).iter() if one.tag.rpartition("}")[2] not in ("svg", "g")]
    except (ParseError, DefusedXmlException) as error:
        raise BadOutput(f"its drawing is no SVG ({error})") from error
    if len(shapes) != 1:
        raise BadOutput(f"its drawing has {len(shapes)} shapes, where one is read")
    return _region(shapes[0].tag.rpartition("}")[2], dict(shapes[0].attrib))


def _region(tag: str, given: dict[str, str]) -> Region:
    if tag in ("polygon", "path"):
        text = given.get("points" if tag == "polygon" else "d", "")
        if tag == "path" and not _PATH.fullmatch(text):
            raise BadOutput("its path has curves, or several parts")
        numbers = [float(one) for one in _NUMBERS.findall(text)]
        if len(numbers) % 2:
            raise BadOutput("its outline has half a corner")
        return polygon_of(list(zip(numbers[::2], numbers[1::2], strict=True)))
    if tag == "rect":
        return box_of([float(given.get(name, "0")) for name in ("x", "y", "width", "height")])
    if tag == "circle":
        x, y, radius = (float(given.get(name, "0")) for name in ("cx", "cy", "r"))
        # As we write a point: the middle of a pixel, half a pixel wide.
        return (
            Point(int(x), int(y))
            if radius <= 0.5
            else box_of([x - radius, y - radius, 2 * radius, 2 * radius])
        )
    raise BadOutput(f"its drawing is a {tag}; polygons, rectangles, circles and straight paths are read")
