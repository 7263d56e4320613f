"""What the steps of a ruler are: told by which of its ticks are longer, or by one centimetre in ten parts.

Without either, even steps have no unit, and no ruler is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.lattice import Run, runs
from analyzers.vision.ticks import Ink, Row

Numbers = npt.NDArray[np.int64]
Lengths = npt.NDArray[np.float64]
_INCH: Final = 25.4
_FILLED: Final = 0.8  # of the steps of a run there is a tick at
_CENTIMETRES: Final = 7  # ticks of centimetres at least, where only they are many
_STRAYS: Final = 0.01  # of a centimetre, root mean square: print is exact, and blur half a pixel
_WHOLE: Final = 9  # of the eleven of a scale bar of 10 cm
_SITES: Final = 5  # of the nine tenths between two of them, at least; one more where centimetres are few
_MILLIMETRES: Final = 11  # ticks of millimetres at least
_SEEN: Final = 0.75  # of the ticks of one rank
_OWN: Final = 0.5  # of the strokes in its row between its ends, a ruler's ticks
_EVEN: Final = 0.25  # how much the lengths of ticks of one rank differ from their median
_SHIFTS: Final = np.arange(-4, 5) / 100  # of a centimetre: where blur moves ticks that stand close
_LONGER: Final = 1.15  # ticks of a higher rank are at least so much longer
_EXCEPT: Final = 0.08  # share of ticks whose length may belie their rank: print and dust


@dataclass(frozen=True, slots=True)
class Ruler:
    """A ruler, or one edge of it.

    Attributes:
        pixels: Pixels per millimetre.
        error: Standard uncertainty of that.
        division: The smallest division, in its own unit.
        unit: `mm` or `[in_i]`, by UCUM.
        sure: 0 to 1.
        ticks: How many ticks were found.
        outline: Upper left, upper right, lower right, lower left, as x, y in pixels.
    """

    pixels: float
    error: float
    division: float
    unit: str
    sure: float
    ticks: int
    outline: npt.NDArray[np.float64]


def ruler_of(row: Row) -> Ruler | None:
    """The ruler that a row of ticks is; None if it is none whose unit can be told."""
    found = [run for run in runs(row.along, _CENTIMETRES) if run.filled >= _FILLED]
    if not found:
        return None
    # Each second or third tick of a ruler is a run as well, so only the one of most ticks is asked.
    longest = max(found, key=lambda one: len(one.members))
    # A tick has two edges, of which one or the other may be missed.
    ranked = row.ink is not Ink.EDGE and len(longest.members) >= _MILLIMETRES
    return (_by_length(row, longest) if ranked else None) or _by_division(row, found)


def _by_length(row: Row, run: Run) -> Ruler | None:
    """A ruler each of whose ticks is a division, and those of whole units are longer."""
    length = row.length[run.members]
    found = _division(run.number, length)
    if found is None or not _plausible(row, run, length):
        return None
    division, unit, belie = found
    sure = min(0.99, 0.6 + 0.01 * len(run.number)) * (1 - belie)
    return _ruler(row, run, division, (division, unit), sure)


def _plausible(row: Row, run: Run, length: Lengths) -> bool:
    """Whether a run is print rather than what chance makes of letters, hatching or noise."""
    first, last = row.along[run.members[[0, -1]]]
    among = int(((row.along >= first) & (row.along <= last)).sum())
    # Of few ticks, the short ones are alike; letters are not.
    alike = len(length) > 30 or np.percentile(length, 70) <= 1.6 * np.percentile(length, 10)
    return bool(alike) and len(length) >= _OWN * among and run.strays <= 0.05 * run.step + 0.5


def _division(number: Numbers, length: Lengths) -> tuple[float, str, float] | None:
    """The smallest division, its unit, and the share of ticks that belie it."""
    ranks = {period: _rank(number, length, period) for period in (20, 16, 10, 8, 4, 2)}
    halves = ranks[2] is not None
    if halves and ranks[4] is not None and ranks[10] is None:
        return next(((1 / p, "[in_i]", belie) for p in (16, 8) if (belie := ranks[p]) is not None), None)
    if halves:  # longer at each second tick: half millimetres if the twentieth ones are longest
        return (0.5, "mm", ranks[20]) if ranks[20] is not None else None
    return None if ranks[10] is None else (1.0, "mm", ranks[10])


def _rank(number: Numbers, length: Lengths, period: int) -> float | None:
    """Share of ticks that belie that each `period`-th is longer than the others; None if it is not so.

    Those halfway between may be nearly as long, but not quite: else half the period is meant.
    """
    best: float | None = None
    for first in range(period):
        place = (number - first) % period
        higher, halfway = length[place == 0], length[place * 2 == period]
        others = length[(place != 0) & (place * 2 != period)] if period > 2 else halfway
        # Where the longest ticks were not seen, the next longest would pass for them.
        expected = len(range(-(-(int(number[0]) - first) // period), (int(number[-1]) - first) // period + 1))
        if len(higher) < max(2, _SEEN * expected) or len(others) < 4 or _as_long(halfway, higher):
            continue
        share = _belie(higher, others)
        best = share if best is None else min(best, best if share is None else share)
    return best


def _as_long(halfway: Lengths, higher: Lengths) -> bool:
    return len(halfway) > 0 and float(np.median(halfway)) > 0.93 * float(np.median(higher))


def _belie(higher: Lengths, others: Lengths) -> float | None:
    long, short = float(np.percentile(higher, 20)), float(np.percentile(others, 80))
    if long < max(_LONGER * short, short + 2):
        return None
    border = (long + short) / 2
    share = float((higher <= border).sum() + (others >= border).sum()) / (len(higher) + len(others))
    # Of the long ones nearly all must be so: they are few, and a row of letters has some anywhere.
    return share if share <= _EXCEPT and (higher > border).mean() >= 0.75 else None


def _by_division(row: Row, found: list[Run]) -> Ruler | None:
    """A ruler of centimetres of which one is divided into millimetres."""
    best: Ruler | None = None
    for run in found:
        length = row.length[run.members]
        uneven = (np.abs(length / np.median(length) - 1) > _EVEN).mean() > 1 - _FILLED
        if uneven or run.strays > _STRAYS * run.step + 0.4 or len(run.members) < _CENTIMETRES:
            continue
        if (best is None or len(run.members) > best.ticks) and _divided(_as_tall(row, length), run):
            sure = min(0.98, 0.6 + 0.03 * len(run.members))
            best = _ruler(row, run, 10.0, (1.0, "mm"), sure)
    return best


def _as_tall(row: Row, length: Lengths) -> Lengths:
    """Where strokes of about a length or more are, without specks and noise."""
    return row.along[row.length >= 0.15 * np.median(length)]


def _divided(along: Lengths, run: Run) -> bool:
    """Whether there are tenths between two neighbours of a run, and nothing between most of the others."""
    least = _SITES if len(run.members) >= _WHOLE else _SITES + 1
    divided, plain = 0, 0
    for number in range(-1, int(run.number[-1]) + 1):
        start = run.start + number * run.step
        share = (along[(along > start) & (along < start + run.step)] - start) / run.step
        share = share[(share > 0.05) & (share < 0.95)]
        divided += least <= len(share) <= 12 and _tenths(share, least)
        plain += len(share) <= 2
    return 1 <= divided <= 2 and plain >= 0.6 * float(run.number[-1])


def _tenths(share: Lengths, least: int) -> bool:
    moved = share[None, :] + _SHIFTS[:, None]
    off = {parts: np.abs(moved * parts - np.round(moved * parts)) for parts in (8, 10, 12, 16)}
    if min(off, key=lambda parts: float(off[parts].mean(1).min())) != 10:
        return False
    best = int(off[10].mean(1).argmin())
    return len(np.unique(np.round(moved[best] * 10))) >= least and int((off[10][best] > 0.22).sum()) <= 1


def _ruler(row: Row, run: Run, step: float, smallest: tuple[float, str], sure: float) -> Ruler:
    division, unit = smallest
    millimetres = step * _INCH if unit == "[in_i]" else step
    ends = row.ends[run.members]
    level = ends[:, :, 1] - row.slope * ends[:, :, 0]
    upper, lower = float(np.percentile(level[:, 0], 5)), float(np.percentile(level[:, 1], 95))
    left, right = float(ends[0, 0, 0]), float(ends[-1, 0, 0])
    places = ((left, upper), (right, upper), (right, lower), (left, lower))
    outline = np.array([(x, at + row.slope * x) for x, at in places])
    pixels = run.step / millimetres
    error = float(np.hypot(run.error / millimetres, 0.001 * pixels))  # print and paper: about a thousandth
    return Ruler(pixels, error, division, unit, sure, len(run.members), outline)
