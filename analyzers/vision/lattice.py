"""Runs of even steps among places on a line. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_SLACK: Final = 0.16  # of a step: how far a place may be from where it is expected
_LARGEST_RESIDUAL: Final = 0.08  # of a step, root mean square
_SMALLEST: Final = 2.0  # pixels between places; closer ones cannot be told apart
_MOST_STEPS: Final = 8
_MISSING: Final = 2  # places in a row that may be missing within a run

Places = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Run:
    """Places at even steps.

    Attributes:
        members: Which places, ascending.
        number: The whole number of steps of each from the first.
        start: Where the first is expected, by all of them.
        step: Pixels between two.
        strays: How far places are from where they are expected, in pixels, root mean square.
        error: Standard error of the step: of the fit, and half of what the two halves of the run differ by.
    """

    members: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    start: float
    step: float
    strays: float
    error: float

    @property
    def filled(self) -> float:
        """Share of the steps at which there is a place."""
        return len(self.number) / (int(self.number[-1]) + 1)


def runs(places: Places, least: int) -> Iterator[Run]:
    """The longest run for each step that occurs among neighbouring places, if it has so many places."""
    listed = places.tolist()
    for step in _steps(places, least):
        best: Run | None = None
        seen: set[int] = set()
        for first in range(len(places) - least + 1):
            if first in seen:
                continue
            members, number = _walk(listed, first, step)
            seen.update(members)
            if len(members) >= (len(best.members) + 1 if best else least):
                best = _fitted(places, members, number) or best
        if best is not None:
            yield best


def _steps(places: Places, least: int) -> list[float]:
    """Distances that are frequent between neighbours, each once, the frequent ones first."""
    gaps = np.concatenate([places[k:] - places[:-k] for k in (1, 2)])
    gaps = np.sort(gaps[gaps >= _SMALLEST])
    low, high = np.searchsorted(gaps, gaps * 0.93 - 0.3), np.searchsorted(gaps, gaps * 1.07 + 0.3)
    steps: list[float] = []
    for one in np.argsort(low - high, kind="stable"):
        if high[one] - low[one] < least // 2 or len(steps) == _MOST_STEPS:
            break
        step = float(gaps[(low[one] + high[one]) // 2])
        if all(abs(step - other) > 0.06 * other + 0.2 for other in steps):
            steps.append(step)
    return steps


def _walk(places: list[float], first: int, step: float) -> tuple[list[int], list[int]]:
    """Go on from a place by even steps, over a few that are missing; the step follows what is found."""
    members, number, missing = [first], [0], 0
    while missing <= _MISSING:
        expected = places[members[-1]] + step * (missing + 1)
        slack = _SLACK * step + 0.35
        near = bisect_left(places, expected - slack, members[-1] + 1)
        if near == len(places) or places[near] > expected + slack:
            missing += 1
            continue
        if near + 1 < len(places) and abs(places[near + 1] - expected) < abs(places[near] - expected):
            near += 1
        members.append(near)
        number.append(number[-1] + missing + 1)
        missing = 0
        if len(members) > 4:
            step = (places[near] - places[first]) / number[-1]
    return _trimmed(members, number)


def _trimmed(members: list[int], number: list[int]) -> tuple[list[int], list[int]]:
    """Without a last place or two that follow a gap: they may stand on a step by chance."""
    for left in (1, 2):
        if len(number) > left + 2 and number[-left] - number[-left - 1] > 1:
            return members[:-left], number[:-left]
    return members, number


def _fitted(places: Places, members: list[int], number: list[int]) -> Run | None:
    """The run as a straight line through its places; None if they stray from it."""
    chosen, counted = np.array(members), np.array(number)
    off = np.abs(_residuals(places[chosen], counted))
    near = off <= max(3 * float(np.median(off)), 0.5)
    chosen, counted = chosen[near], counted[near]
    at, k = places[chosen], counted.astype(np.float64)
    strays = float(np.sqrt((_residuals(at, k) ** 2).mean()))
    step, start = _line(k, at)
    if step < _SMALLEST or strays > _LARGEST_RESIDUAL * step + 0.25:
        return None
    spread = float(np.sqrt(((k - k.mean()) ** 2).sum()))
    half = len(k) // 2
    bent = abs(_line(k[:half], at[:half])[0] - _line(k[half:], at[half:])[0]) / 2 if half >= 3 else 0.0
    error = float(np.hypot(strays / spread, bent / np.sqrt(len(k))))
    return Run(chosen, counted - counted[0], start + step * float(k[0]), step, strays, error)


def _residuals(at: Places, number: npt.NDArray[np.generic]) -> Places:
    k = number.astype(np.float64)
    step, start = _line(k, at)
    return at - start - step * k


def _line(x: Places, y: Places) -> tuple[float, float]:
    """Slope and intercept of the straight line of least squares."""
    middle = x.mean()
    slope = float(((x - middle) * (y - y.mean())).sum() / ((x - middle) ** 2).sum())
    return slope, float(y.mean() - slope * middle)
