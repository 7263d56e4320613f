"""Thin upright strokes in a picture, and the rows in which they stand on one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.opencv import cv2

Gray = npt.NDArray[np.uint8]
_WIDEST: Final = 15  # pixels; wider strokes are found in a smaller copy of the picture
_FAINTEST: Final = 14  # of 255 above or below what lies beside
_SHARE: Final = 0.4  # of the strongest stroke nearby: JPEG's ripples beside a stroke are weaker
_NEAR: Final = 41
_MOST: Final = 40_000  # strokes; grass and hatching have more, and then no ruler can be told among them
_LEAST: Final = 6  # strokes of a row
_SLOPES: Final = tuple(step / 250 for step in range(-16, 17))  # a ruler is laid askew by 3.6 degrees at most
_BAND: Final = 3.0  # pixels within which strokes end on one line
_MOST_VOTES: Final = 800


class Ink(StrEnum):
    """What a stroke differs by from what lies beside it."""

    DARK = "dark"
    PALE = "pale"
    EDGE = "edge"


@dataclass(frozen=True, slots=True)
class Row:
    """Strokes that stand on one line, or hang from one.

    Attributes:
        along: Where each is along the line, in pixels, ascending.
        length: How long each is.
        ends: Its two ends as x, y: array of strokes, 2, 2.
        ink: What they differ by.
        slope: Of the line, in pixels down for each to the right.
    """

    along: npt.NDArray[np.float64]
    length: npt.NDArray[np.float64]
    ends: npt.NDArray[np.float64]
    ink: Ink
    slope: float


def rows(gray: Gray, ink: Ink) -> Iterator[Row]:
    """The rows of upright strokes of a picture, by their upper ends and by their lower ones."""
    strokes = _strokes(_standing_out(gray, ink), gray.shape)
    if not _LEAST <= len(strokes) <= _MOST:
        return
    for end in (0, 1):
        for slope, members in _levels(strokes, end):
            yield _row(strokes[members], slope, ink)


def _standing_out(gray: Gray, ink: Ink) -> Gray:
    """How much each pixel stands out from what is left and right of it; a stroke's length drowns noise."""
    steady = cv2.blur(gray, (1, 3))
    across = cv2.getStructuringElement(cv2.MORPH_RECT, (_WIDEST, 1))
    if ink is Ink.EDGE:
        slope = cv2.convertScaleAbs(cv2.Sobel(steady, cv2.CV_16S, 1, 0, ksize=3), alpha=0.25)
        found = cv2.morphologyEx(slope, cv2.MORPH_TOPHAT, across)
    else:
        way = cv2.MORPH_BLACKHAT if ink is Ink.DARK else cv2.MORPH_TOPHAT
        found = cv2.morphologyEx(steady, way, across)
    strongest = cv2.dilate(found, np.ones((_NEAR, _NEAR), np.uint8))
    floor = np.maximum(cv2.convertScaleAbs(strongest, alpha=_SHARE), _FAINTEST)
    # A stroke that is broken where ink is thin is one stroke.
    whole = cv2.morphologyEx((found >= floor).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 1), np.uint8))
    return np.where(whole > 0, np.maximum(found, 1), 0).astype(np.uint8)


def _strokes(strength: Gray, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Upright strokes as rows of x, upper end, lower end."""
    count, marks, stats, _ = cv2.connectedComponentsWithStats((strength > 0).astype(np.uint8), connectivity=8)
    wide, tall = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    keep = (tall >= 4) & (tall >= 1.6 * wide) & (wide <= _WIDEST) & (tall <= 0.8 * shape[0])
    keep[0] = False
    flat = marks.ravel()
    at = np.flatnonzero(flat)
    labels, weight = flat[at], strength.ravel()[at].astype(np.float64)
    mass = np.bincount(labels, weight, count)
    middle = np.bincount(labels, weight * (at % shape[1]), count) / np.maximum(mass, 1)
    top = stats[:, cv2.CC_STAT_TOP].astype(np.float64)
    return np.stack([middle, top, top + tall - 1], axis=1)[keep]


def _levels(strokes: npt.NDArray[np.float64], end: int) -> Iterator[tuple[float, npt.NDArray[np.int64]]]:
    """Lines, by their slope and the strokes that end on them, those with most strokes first."""
    votes = []
    for slope in _SLOPES:
        level = strokes[:, 1 + end] - slope * strokes[:, 0]
        for shift in (0.0, _BAND / 2):
            band = np.floor((level + shift) / _BAND).astype(np.int64)
            band -= band.min()
            count = np.bincount(band)
            for one in np.flatnonzero(count >= _LEAST).tolist():
                votes.append((-int(count[one]), abs(slope), slope, shift, one))
    taken = np.zeros(len(strokes), bool)
    for _, _, slope, shift, one in sorted(votes)[:_MOST_VOTES]:
        level = strokes[:, 1 + end] - slope * strokes[:, 0]
        band = np.floor((level + shift) / _BAND).astype(np.int64)
        members = np.flatnonzero(band - band.min() == one)
        if taken[members].mean() < 0.5:
            slope, members = _gathered(strokes[:, 0], strokes[:, 1 + end], members)
            taken[members] = True
            if len(members) >= _LEAST:
                yield slope, members


def _gathered(
    across: npt.NDArray[np.float64], down: npt.NDArray[np.float64], members: npt.NDArray[np.int64]
) -> tuple[float, npt.NDArray[np.int64]]:
    """The line through some ends, and all the ends on it: a slope that was tried is near, not exact."""
    slope = 0.0
    for _ in range(3):
        x, y = across[members], down[members]
        spread = float(((x - x.mean()) ** 2).sum())
        slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread else 0.0
        off = np.abs(down - float(y.mean()) - slope * (across - float(x.mean())))
        members = np.flatnonzero(off <= _BAND * 0.75)
        if len(members) < _LEAST:
            break
    return slope, members


def _row(strokes: npt.NDArray[np.float64], slope: float, ink: Ink) -> Row:
    turn = 1 / np.hypot(1, slope)
    along = (strokes[:, 0] + slope * strokes[:, 1:].mean(1)) * turn
    order = np.argsort(along, kind="stable")
    x, top, bottom = strokes[order].T
    ends = np.stack([np.stack([x, top], 1), np.stack([x, bottom], 1)], 1)
    return Row(along[order], bottom - top + 1, ends, ink, slope)
