"""Numbers in files of others: floats come in, plain decimals and whole pixels go on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from analyzers.decimals import decimal_text
from analyzers.errors import BadOutput
from analyzers.region import Box, Polygon, Region

_LARGEST: Final = 10**8  # pixels along a side: more than any picture has


def decimal_of(value: Any) -> str:
    """A number of a JSON document as a plain decimal.

    Raises:
        BadOutput: it is none, or not finite.
    """
    number = finite(value)
    text = repr(value) if isinstance(value, int) else repr(number)
    if "e" not in text:
        return text.removesuffix(".0") if text != "-0.0" else "0"
    return decimal_text(number, 17)


def finite(value: Any) -> float:
    """A number of a JSON document.

    Raises:
        BadOutput: it is none, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise BadOutput(f"{value!r} is no number that has a place on a picture, or means anything")
    return float(value)


def box_of(numbers: Sequence[Any]) -> Box:
    """The whole pixels that a box of left, top, width and height touches.

    Raises:
        BadOutput: it is none.
    """
    if len(numbers) != 4:
        raise BadOutput(f"a box has left, top, width and height, not {len(numbers)} numbers")
    x, y, width, height = map(finite, numbers)
    left, top = math.floor(x + 1e-6), math.floor(y + 1e-6)
    right, bottom = math.ceil(x + width - 1e-6), math.ceil(y + height - 1e-6)
    _check((left, top, right, bottom))
    if right <= left or bottom <= top:
        raise BadOutput(f"the box {list(numbers)} encloses no pixel")
    return Box(left, top, right - left, bottom - top)


def polygon_of(pairs: Sequence[Sequence[Any]]) -> Region:
    """An outline by its corners, each the pixel nearest to it.

    Raises:
        BadOutput: it is none.
    """
    points = tuple((round(finite(x)), round(finite(y))) for x, y in pairs)
    _check(tuple(number for point in points for number in point))
    if len(points) > 3 and points[0] == points[-1]:
        points = points[:-1]
    if len(points) < 3:
        raise BadOutput("an outline has three corners at least")
    return Polygon(points)


def _check(numbers: Sequence[int]) -> None:
    if not all(0 <= number <= _LARGEST for number in numbers):
        raise BadOutput("it lies outside the picture")
