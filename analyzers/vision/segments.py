"""What lies on a sheet or in a tray: specimen, papers, stamps, beside what other analyzers find exactly.

By rules on colour and shape: on herbarium sheets these measure better than the general cut-out model that is
packaged for use without a network (docs/analyzers.md has the figures).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.ground import ground_of, lab_of, on_ground, without_frame
from analyzers.vision.opencv import cv2
from analyzers.vision.salient import Salient, completed

Pixels = npt.NDArray[np.uint8]
Inside = npt.NDArray[np.bool_]
Outline = npt.NDArray[np.float64]
WORKING: Final = 1_600  # pixels on the longer side
_SMALLEST_PAPER: Final = 0.0015  # of the picture
_LARGEST_PAPER: Final = 0.25
_RECTANGULAR: Final = 0.86  # of the rectangle around it
_ENVELOPE: Final = 0.018  # of the picture: smaller papers without writing are labels turned over
_WRITTEN: Final = 0.012  # of a paper, dark strokes
_OVAL: Final = 0.94  # of the ellipse through its outline
_BOARD: Final = 0.35  # of a board, what was found on it
_RIM: Final = 0.5  # of its shorter side, around what was found
_NEIGHBOUR: Final = 34  # pixels between two blocks of one label
_HOLE: Final = 0.0003  # of the picture; smaller ones in a specimen are clear wings or gaps between scales
_SPECK: Final = 0.00004  # of the picture
_LETTER: Final = (3, 30)  # pixels tall
_LETTERS: Final = 12  # of a written block
_UPRIGHT: Final = 1.2  # of the width, the height of a sheet
_PALE: Final = 65.0  # L* of paper; old paper and dim pictures are darker than fresh ones


@dataclass(frozen=True, slots=True)
class Segment:
    """One thing.

    Attributes:
        kind: `label`, `envelope`, `stamp` or `specimen`.
        outline: Its corners as x, y in pixels; of the specimen, those of its bounds.
        sure: 0 to 1.
    """

    kind: str
    outline: Outline
    sure: float


@dataclass(frozen=True, slots=True)
class Segments:
    """All things, and where the specimen is.

    Attributes:
        things: Papers and stamps.
        specimen: Of the picture's pixels, those of the specimen.
    """

    things: tuple[Segment, ...]
    specimen: Inside


def find_segments(pixels: Pixels, known: Sequence[Outline], salient: Salient | None = None) -> Segments:
    """What lies in a picture.

    Args:
        pixels: Height, width, 3: upright RGB.
        known: Outlines, as x, y in pixels, of what was told apart already: barcodes, ruler, colour chart.
        salient: Tells what stands out, to complete the specimen by; None for rules alone.
    """
    factor = min(1.0, WORKING / max(pixels.shape[:2]))
    work = np.asarray(cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)
    colours = lab_of(work)
    ground = ground_of(colours)
    lying = without_frame(on_ground(colours, ground))
    apart = [_widened(outline * factor) for outline in known]
    _without_boards(lying, apart)
    _blank(lying, apart)
    things = [*_papers(lying, colours)]
    _blank(lying, [thing.outline for thing in things])
    stamps = [*_stamps(lying)]
    _blank(lying, [thing.outline for thing in stamps])
    written = [*_written(lying)]
    beside = [_widened(thing.outline) for thing in (*things, *stamps, *written)]
    _blank(lying, beside)
    specimen = _cleaned(lying)
    if salient is not None and not _is_sheet(colours, ground):
        standing = salient(work)
        _blank(standing, [*apart, *beside])
        specimen = completed(specimen, standing)
    full = cv2.resize(
        specimen.astype(np.uint8), (pixels.shape[1], pixels.shape[0]), interpolation=cv2.INTER_NEAREST
    )
    found = (Segment(one.kind, one.outline / factor, one.sure) for one in (*things, *stamps, *written))
    return Segments(tuple(found), np.asarray(full, np.uint8) > 0)


def _is_sheet(colours: npt.NDArray[np.float32], ground: Inside) -> bool:
    """Whether a picture is that of a herbarium sheet: upright, on pale paper.

    What stands out there is as often a label or the whole bunch as the plant (docs/analyzers.md).
    """
    height, width = ground.shape
    light = float(colours[ground][:, 0].mean(dtype=np.float64)) if ground.any() else 0.0
    return height > _UPRIGHT * width and light > _PALE


def _blank(lying: Inside, outlines: Sequence[Outline]) -> None:
    """Take away what is within outlines, and a little around them."""
    covered = np.zeros(lying.shape, np.uint8)
    for outline in outlines:
        cv2.fillPoly(covered, [np.round(outline).astype(np.int32)], 1)
    lying &= cv2.dilate(covered, np.ones((9, 9), np.uint8)) == 0


def _widened(outline: Outline) -> Outline:
    """An outline with a rim around it: a barcode's sticker, a ruler's figures, what was cut askew."""
    middle = outline.mean(0)
    sides = np.ptp(outline, 0)
    rim = min(0.2 * float(sides.max()), _RIM * float(sides.min()) + 8)
    away = np.sign(outline - middle)
    found: Outline = outline + away * rim
    return found


def _without_boards(lying: Inside, outlines: Sequence[Outline]) -> None:
    """Take away the boards on which rulers and charts are printed: they hardly reach beyond them."""
    _, marks, stats, _ = cv2.connectedComponentsWithStats(lying.astype(np.uint8), connectivity=8)
    for outline in outlines:
        within = np.zeros(lying.shape, np.uint8)
        cv2.fillPoly(within, [np.round(outline).astype(np.int32)], 1)
        own = np.bincount(marks[within > 0], minlength=len(stats))
        area = stats[:, cv2.CC_STAT_AREA]
        bounds = stats[:, cv2.CC_STAT_WIDTH] * stats[:, cv2.CC_STAT_HEIGHT]
        gone = (own > 0) & (own > _BOARD * area) & (bounds < 4 * max(1, int(within.sum())))
        gone[0] = False
        lying &= ~gone[marks]


def _shapes(lying: Inside, gap: int) -> Iterator[npt.NDArray[np.int32]]:
    """Outer outlines of connected things, over gaps of some pixels."""
    near = cv2.morphologyEx(lying.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    found, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    yield from (np.asarray(one, np.int32) for one in found)


def _papers(lying: Inside, colours: npt.NDArray[np.float32]) -> Iterator[Segment]:
    """Rectangles, filled or only ruled around: labels if there is writing on them, else envelopes."""
    for shape in _shapes(lying, 3):
        area = cv2.contourArea(shape) / lying.size
        if not _SMALLEST_PAPER <= area <= _LARGEST_PAPER:
            continue
        rectangle = cv2.minAreaRect(shape)
        fill = area * lying.size / max(1.0, rectangle[1][0] * rectangle[1][1])
        longer, shorter = max(rectangle[1]), min(rectangle[1])
        if fill < _RECTANGULAR or longer > 6 * shorter:
            continue
        outline = cv2.boxPoints(rectangle).astype(np.float64)
        ink = _ink(colours, outline)
        kind = "label" if ink > _WRITTEN or area < _ENVELOPE else "envelope"
        yield Segment(kind, outline, round(min(0.95, 0.5 + (fill - _RECTANGULAR) * 3), 2))


def _ink(colours: npt.NDArray[np.float32], outline: Outline) -> float:
    """Share of thin dark strokes within an outline, away from its rim."""
    left, top = np.maximum(outline.min(0), 0).astype(int)
    right, bottom = outline.max(0).astype(int) + 1
    light = np.clip(colours[top:bottom, left:right, 0] * 2.55, 0, 255).astype(np.uint8)
    strokes = cv2.morphologyEx(light, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8)) > 40
    within = np.zeros(light.shape, np.uint8)
    middle = outline.mean(0)
    inner = np.round(middle + (outline - middle) * 0.85 - (left, top)).astype(np.int32)
    cv2.fillPoly(within, [inner], 1)
    return float((strokes & (within > 0)).sum()) / max(1, int(within.sum()))


def _stamps(lying: Inside) -> Iterator[Segment]:
    """Ovals of which only the rim and some letters are inked."""
    for shape in _shapes(lying, 5):
        (x, y, width, height), area = cv2.boundingRect(shape), cv2.contourArea(shape)
        if (
            len(shape) < 60
            or not 0.0006 <= area / lying.size <= 0.03
            or max(width, height) > 3 * min(width, height)
        ):
            continue
        ellipse = cv2.fitEllipse(cv2.convexHull(shape))
        drawn = np.zeros((height, width), np.uint8)
        hull = cv2.convexHull(shape) - np.array([x, y])
        cv2.fillPoly(drawn, [hull.astype(np.int32)], 1)
        oval = np.zeros((height, width), np.uint8)
        centre = (ellipse[0][0] - x, ellipse[0][1] - y)
        cv2.ellipse(oval, (centre, ellipse[1], ellipse[2]), 1, -1)
        common = float((drawn & oval).sum()) / max(1, int((drawn | oval).sum()))
        inked = float(lying[y : y + height, x : x + width][drawn > 0].mean())
        if common >= _OVAL and area >= 0.85 * drawn.sum() and inked < 0.6:
            outline = cv2.boxPoints(cv2.minAreaRect(shape)).astype(np.float64)
            yield Segment("stamp", outline, round(min(0.9, common - inked / 3), 2))


def _written(lying: Inside) -> Iterator[Segment]:
    """Writing on paper that is as pale as the sheet: blocks of small things of about one height."""
    _, marks, stats, _ = cv2.connectedComponentsWithStats(lying.astype(np.uint8), connectivity=8)
    tall, wide = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    small = (tall >= _LETTER[0]) & (tall <= _LETTER[1]) & (wide <= 3 * _LETTER[1])
    small[0] = False
    letters = small[marks].astype(np.uint8)
    lines = cv2.morphologyEx(letters, cv2.MORPH_CLOSE, np.ones((1, 21), np.uint8))
    blocks = cv2.morphologyEx(lines, cv2.MORPH_CLOSE, np.ones((23, 3), np.uint8))
    found, _ = cv2.findContours(blocks, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    places = stats[:, :2] + stats[:, 2:4] / 2
    for x, y, width, height in _merged([cv2.boundingRect(shape) for shape in found]):
        within = small & (places[:, 0] >= x) & (places[:, 0] <= x + width)
        within &= (places[:, 1] >= y) & (places[:, 1] <= y + height)
        if (
            within.sum() < _LETTERS
            or width < 1.2 * height
            or not _lettering(tall[within], lying[y : y + height, x : x + width])
        ):
            continue
        outline = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float64)
        yield Segment("label", outline, 0.6)


def _merged(boxes: Sequence[Sequence[int]]) -> list[tuple[int, int, int, int]]:
    """Blocks one of which stands below the other, as one; x, y, width, height."""
    left = sorted((x, y, x + width, y + height) for x, y, width, height in boxes if width > 2 * _LETTER[0])
    merged: list[tuple[int, int, int, int]] = []
    while left:
        one = left.pop()
        near = [other for other in left if _below(one, other)]
        if not near:
            merged.append(one)
            continue
        left = [other for other in left if other not in near]
        group = [one, *near]
        left.append(
            (
                min(box[0] for box in group),
                min(box[1] for box in group),
                max(box[2] for box in group),
                max(box[3] for box in group),
            )
        )
    return sorted((x, y, right - x, bottom - y) for x, y, right, bottom in merged)


def _below(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    common = min(one[2], other[2]) - max(one[0], other[0])
    narrower = min(one[2] - one[0], other[2] - other[0])
    gap = max(one[1], other[1]) - min(one[3], other[3])
    return common > 0.5 * narrower and gap < _NEIGHBOUR


def _lettering(tall: npt.NDArray[Any], lying: Inside) -> bool:
    """Whether things are alike in height, and cover as much of their block as writing does."""
    return float(tall.std()) < 0.6 * float(tall.mean()) and 0.05 < float(lying.mean()) < 0.55


def _cleaned(lying: Inside) -> Inside:
    """Without specks, and without thin lines along the picture's margin."""
    near = cv2.morphologyEx(lying.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, marks, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    area, wide, tall = (stats[:, one] for one in (cv2.CC_STAT_AREA, cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
    left, top = stats[:, cv2.CC_STAT_LEFT], stats[:, cv2.CC_STAT_TOP]
    height, width = lying.shape
    rim = (left <= 4) | (top <= 4) | (left + wide >= width - 4) | (top + tall >= height - 4)
    thin = np.minimum(wide, tall) < 0.02 * min(height, width)
    largest = float(area[1:].max()) if count > 1 else 0.0
    keep = (area >= max(_SPECK * lying.size, largest / 200)) & ~(rim & thin)
    keep[0] = False
    return _filled(keep[marks])


def _filled(inside: Inside) -> Inside:
    """Without small holes."""
    _, marks, stats, _ = cv2.connectedComponentsWithStats((~inside).astype(np.uint8), connectivity=4)
    hole = stats[:, cv2.CC_STAT_AREA] < _HOLE * inside.size
    hole[0] = False
    found: Inside = inside | hole[marks]
    return found
