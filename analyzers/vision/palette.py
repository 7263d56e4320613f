"""The dominant colours of some pixels: means of groups, grown from the commonest colours without chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzers.vision.colour import lab

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
_CELL: Final = 8  # of 256: how finely colours are counted
_APART: Final = 18.0  # in L*a*b*: how far the first colours are from each other
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Tone:
    """A colour of a specimen.

    Attributes:
        lab: L*, a*, b* under D65.
        share: Of its pixels, 0 to 1.
    """

    lab: tuple[float, float, float]
    share: float


def palette(colours: Pixels, most: int) -> tuple[Tone, ...]:
    """The dominant colours, the commonest first.

    Args:
        colours: sRGB 0 to 255; pixels, 3.
        most: How many at most.
    """
    cells = (colours // _CELL).astype(np.int64)
    key = (cells[:, 0] * 32 + cells[:, 1]) * 32 + cells[:, 2]
    count = np.bincount(key, minlength=32**3)
    used = np.flatnonzero(count)
    if not len(used):
        return ()
    weight = count[used].astype(np.float64)
    sums = [np.bincount(key, colours[:, one], 32**3)[used] for one in range(3)]
    places = lab(np.stack(sums, 1) / weight[:, None])
    centres = _first(places, weight, most)
    for _ in range(_ROUNDS):
        own = _nearest(places, centres)
        centres = np.array([_mean(places[own == one], weight[own == one]) for one in np.unique(own)])
    own = _nearest(places, centres)
    found = [
        Tone(
            (float(centre[0]), float(centre[1]), float(centre[2])),
            float(weight[own == one].sum() / weight.sum()),
        )
        for one, centre in enumerate(centres)
    ]
    return tuple(sorted(found, key=lambda tone: -tone.share))


def _first(places: Floats, weight: Floats, most: int) -> Floats:
    """The commonest colours that are far from each other."""
    chosen: list[int] = []
    for one in np.argsort(-weight, kind="stable").tolist():
        if all(float(((places[one] - places[other]) ** 2).sum()) > _APART**2 for other in chosen):
            chosen.append(one)
            if len(chosen) == most:
                break
    return places[chosen]


def _nearest(places: Floats, centres: Floats) -> npt.NDArray[np.int64]:
    apart = ((places[:, None] - centres[None]) ** 2).sum(2)
    return np.asarray(apart.argmin(1), np.int64)


def _mean(places: Floats, weight: Floats) -> Floats:
    mean: Floats = (places * weight[:, None]).sum(0) / weight.sum()
    return mean
