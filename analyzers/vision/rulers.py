"""The ruler of a picture: upright or lying, dark on pale or pale on dark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.graduation import Ruler, ruler_of
from analyzers.vision.opencv import cv2
from analyzers.vision.ticks import Gray, Ink, rows

_ENOUGH: Final = (
    2200  # pixels on the longer side; smaller pictures are enlarged, since ticks of 1 pixel merge
)
_LARGE: Final = 2600
_FINEST: Final = 2.0  # pixels to the smallest division
_INCH: Final = 25.4
_AGREE: Final = 0.02  # two rulers whose scales differ by less agree


def find_ruler(pixels: npt.NDArray[np.uint8]) -> Ruler | None:
    """The ruler of a picture; None if there is none, none that can be read, or two that disagree.

    Args:
        pixels: Height, width, 3: upright RGB.
    """
    gray = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    for factor in _factors(max(gray.shape)):
        for inks in ((Ink.DARK, Ink.PALE), (Ink.EDGE,)):
            found = [_scaled(ruler, factor) for ruler in _rulers(_resized(gray, factor), inks)]
            if seen := [ruler for ruler in found if _can_be_seen(ruler)]:
                return _agreed(seen)
    return None


def _can_be_seen(ruler: Ruler) -> bool:
    """Whether a division has two pixels (Nyquist): where it has less, edges of ticks passed for ticks."""
    millimetres = ruler.division * (_INCH if ruler.unit == "[in_i]" else 1.0)
    return ruler.pixels * millimetres >= _FINEST


def _factors(longer: int) -> tuple[float, ...]:
    if longer < _ENOUGH:
        return (2.0, 1.0) if longer > _ENOUGH // 2 else (3.0,)
    return (1.0, 0.5) if longer > _LARGE else (1.0,)


def _resized(gray: Gray, factor: float) -> Gray:
    if factor == 1.0:
        return gray
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=way), np.uint8)


def _rulers(gray: Gray, inks: tuple[Ink, ...]) -> Iterator[Ruler]:
    lying = np.ascontiguousarray(gray.T)
    for ink in inks:
        for row in rows(gray, ink):
            if ruler := ruler_of(row):
                yield ruler
        for row in rows(lying, ink):
            if ruler := ruler_of(row):
                yield replace(ruler, outline=ruler.outline[:, ::-1])


def _scaled(ruler: Ruler, factor: float) -> Ruler:
    # The middle of a pixel is half a pixel from its corner in either picture.
    outline = (ruler.outline + 0.5) / factor - 0.5
    return replace(ruler, pixels=ruler.pixels / factor, error=ruler.error / factor, outline=outline)


def _agreed(found: list[Ruler]) -> Ruler | None:
    """The one with most evidence; None if another one with half as much says otherwise."""
    best = max(found, key=lambda one: (one.sure * one.ticks, one.sure))
    for other in found:
        apart = abs(other.pixels / best.pixels - 1)
        if apart > _AGREE and other.sure * other.ticks > best.sure * best.ticks / 2:
            return None
    return best
