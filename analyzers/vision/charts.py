"""Which colour chart a grid of patches is, and how it lies: the layout whose colours fit best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.colour import difference, lab
from analyzers.vision.opencv import cv2
from analyzers.vision.patches import Grid, grids

Floats = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
CLASSIC: Final = "24 patches as of the ColorChecker Classic"
WEDGE: Final = "grey wedge"
UNKNOWN: Final = "unidentified colour chart"
# The 24 patches of the ColorChecker Classic, by row, in sRGB (D65), as published for those made before
# November 2014; later ones differ by 1 to 3 CIEDE2000.
_PATCHES: Final = np.array(
    [
        *((115, 82, 68), (194, 150, 130), (98, 122, 157), (87, 108, 67), (133, 128, 177), (103, 189, 170)),
        *((214, 126, 44), (80, 91, 166), (193, 90, 99), (94, 60, 108), (157, 188, 64), (224, 163, 46)),
        *((56, 61, 150), (70, 148, 73), (175, 54, 60), (231, 199, 31), (187, 86, 149), (8, 133, 161)),
        *((243, 243, 242), (200, 200, 200), (160, 160, 160), (122, 122, 121), (85, 85, 85), (52, 52, 52)),
    ],
    np.uint8,
)
_BLOCK: Final = np.arange(24).reshape(4, 6)
# As the chart is sold, as a strip of two rows, and as two halves of which the first stands on its head.
_LAYOUTS: Final = (
    _BLOCK,
    np.arange(24).reshape(2, 12),
    np.concatenate([np.rot90(_BLOCK[:2], 2), _BLOCK[2:]], axis=1),
)
_WORST: Final = 9.0  # CIEDE2000 on average, after each channel was fitted
_DISTINCT: Final = 0.8  # the best layout's fit over the second best one's
_SEEN: Final = 0.7  # of a layout's patches
_WORKING: Final = 2_000  # pixels on the longer side at which patches are sought
_SMALL: Final = 1_600


@dataclass(frozen=True, slots=True)
class Chart:
    """A colour chart in a picture.

    Attributes:
        name: Which.
        outline: Of its patches: corners in order, as x, y in pixels.
        measured: sRGB 0 to 255 of each patch.
        wanted: sRGB 0 to 255 that each should have; empty where that is not known.
        sure: 0 to 1.
    """

    name: str
    outline: Floats
    measured: Floats
    wanted: Floats
    sure: float


def find_chart(pixels: Pixels) -> Chart | None:
    """The colour chart of a picture: a known one, else a grey wedge, else one of unknown colours."""
    factor = _factor(max(pixels.shape[:2]))
    way = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    resized = pixels if factor == 1 else cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=way)
    work = np.asarray(resized, np.uint8)
    found = [chart for grid in grids(work) if (chart := _chart(work, grid))]
    order = [CLASSIC, WEDGE, UNKNOWN]
    best = min(found, key=lambda one: order.index(one.name), default=None)
    if best is None:
        return None
    outline = (best.outline + 0.5) / factor - 0.5
    return Chart(best.name, outline, best.measured, best.wanted, best.sure)


def _factor(longer: int) -> float:
    return 2.0 if longer < _SMALL else min(1.0, _WORKING / longer)


def _chart(pixels: Pixels, grid: Grid) -> Chart | None:
    return _known(pixels, grid) or _wedge(pixels, grid) or _unknown(pixels, grid)


def _known(pixels: Pixels, grid: Grid) -> Chart | None:
    seen = measured(pixels, grid, grid.cells)
    fits = (
        sorted(
            ((_misfit(seen, _PATCHES[layout[tuple((grid.cells - first).T)]]), way, first, layout))
            for way, (first, layout) in enumerate(_hypotheses(grid))
        )
        if len(grid.cells) >= _SEEN * 24
        else []
    )
    if not fits or fits[0][0] > _WORST or (len(fits) > 1 and fits[0][0] > _DISTINCT * fits[1][0]):
        return None
    misfit, _, first, layout = fits[0]
    cells = np.argwhere(layout >= 0) + first
    colours = measured(pixels, grid, cells)
    wanted = _PATCHES[layout.ravel()].astype(np.float64)
    sure = (1 - misfit / (2 * _WORST)) * len(grid.cells) / 24
    return Chart(CLASSIC, _outline(grid, cells), colours, wanted, min(0.99, sure))


def _hypotheses(grid: Grid) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Where a layout's first cell may lie on the grid, and the layout as it is turned there."""
    rows, columns = grid.cells.max(0) + 1
    for layout in _LAYOUTS:
        for turn in range(4):
            turned = np.rot90(layout, turn)
            spare = (turned.shape[0] - rows, turned.shape[1] - columns)
            for down in range(spare[0] + 1):
                for right in range(spare[1] + 1):
                    yield np.array([-down, -right]), turned


def measured(pixels: Pixels, grid: Grid, cells: npt.NDArray[np.int64]) -> Floats:
    """The median colour in the middle of each cell."""
    reach = max(1, int(grid.side * 0.25))
    found = []
    for row, column in cells.tolist():
        x, y = np.round(grid.middle(row, column)).astype(int)
        x = min(max(int(x), reach), pixels.shape[1] - reach - 1)
        y = min(max(int(y), reach), pixels.shape[0] - reach - 1)
        patch = pixels[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)
        found.append(np.median(patch, 0))
    return np.array(found, np.float64)


def _misfit(seen: Floats, wanted: npt.NDArray[np.uint8]) -> float:
    """What remains between colours after each channel was stretched and moved."""
    target = wanted.astype(np.float64)
    spread = ((seen - seen.mean(0)) ** 2).sum(0)
    if (spread < 1).any():
        return 100.0
    gain = ((seen - seen.mean(0)) * (target - target.mean(0))).sum(0) / spread
    fitted = np.clip((seen - seen.mean(0)) * gain + target.mean(0), 0, 255)
    return float(difference(lab(fitted), lab(target)).mean())


def _wedge(pixels: Pixels, grid: Grid) -> Chart | None:
    """Six neutral patches or more in one line, each lighter than the one before, or each darker."""
    for axis in (0, 1):
        for line in range(int(grid.cells[:, axis].max()) + 1):
            cells = grid.cells[grid.cells[:, axis] == line]
            cells = cells[np.argsort(cells[:, 1 - axis])]
            if len(cells) < 6 or len(cells) < np.ptp(cells[:, 1 - axis]) + 1:
                continue
            colours = measured(pixels, grid, cells)
            if (kept := _neutral(lab(colours))) is not None:
                return Chart(WEDGE, _outline(grid, cells[kept]), colours[kept], np.empty((0, 3)), 0.7)
    return None


def _neutral(colours: Floats) -> slice | None:
    """The longest stretch of neutral colours whose lightness only falls, or only rises."""
    grey = np.hypot(colours[:, 1], colours[:, 2]) < 14
    best = slice(0, 0)
    for way in (1, -1):
        begun = 0
        for place in range(len(colours)):
            steady = place > begun and way * (colours[place, 0] - colours[place - 1, 0]) > 0.7
            if not grey[place] or not (steady or place == begun):
                begun = place if grey[place] else place + 1
            elif place + 1 - begun > best.stop - best.start:
                best = slice(begun, place + 1)
    light = colours[best, 0]
    return best if len(light) >= 6 and np.ptp(light) > 35 else None


def _unknown(pixels: Pixels, grid: Grid) -> Chart | None:
    """Patches of many hues."""
    colours = measured(pixels, grid, grid.cells)
    _, a, b = lab(colours).T
    vivid = np.hypot(a, b) > 22
    hues = np.unique(np.floor(np.degrees(np.arctan2(b[vivid], a[vivid])) / 45))
    if vivid.sum() < 5 or len(hues) < 4:
        return None
    return Chart(UNKNOWN, _outline(grid, grid.cells), colours, np.empty((0, 3)), 0.6)


def _outline(grid: Grid, cells: npt.NDArray[np.int64]) -> Floats:
    (top, left), (bottom, right) = cells.min(0) - 0.5, cells.max(0) + 0.5
    places = ((top, left), (top, right), (bottom, right), (bottom, left))
    return np.array([grid.middle(row, column) for row, column in places])
