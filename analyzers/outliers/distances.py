"""How far images are from others, exactly the same on every machine, and how unusual that is. Pure.

Distances are those of unit vectors (chords, 0 to 2), to the mean of the nearest few: Ramaswamy, Rastogi and
Shim, SIGMOD 2000. What is unusual is told against median and MAD of the taxon, which a few misidentified
images do not move: Rousseeuw and Croux, Journal of the American Statistical Association 88, 1993.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
_STEPS: Final = 1 << 20  # of a coordinate: sums of products of such stay whole below 2^53, in any order
_TO_SIGMA: Final = 1.4826  # MAD of a normal distribution to its standard deviation
_MEDIAN_ERROR: Final = 1.2533  # of the median of n, times sigma / sqrt(n)
_MAD_ERROR: Final = 1.1664  # of the MAD of n, relative, times 1 / sqrt(n)
_LEAST_SPREAD: Final = 0.05  # of the median: copies of one image are no measure of what is usual


@dataclass(frozen=True, slots=True)
class Unusual:
    """How unusual a distance is.

    Attributes:
        score: In robust standard deviations above the median.
        error: Standard uncertainty of that, from how many it is compared with.
    """

    score: float
    error: float


@dataclass(frozen=True, slots=True)
class Usual:
    """How far images of a taxon are from their nearest others.

    Attributes:
        images: Which of its images were looked at, by place.
        places: For each the places of its nearest, one more than are needed.
        distances: How far those are.
    """

    images: Places
    places: Places
    distances: Floats

    def without(self, place: int) -> Floats:
        """The mean distance of each from its nearest, as if the image at a place were not there."""
        gone = self.places == place
        kept = self.distances.copy()
        kept[gone] = np.inf  # sorted last, so the one that was not needed takes its place
        found: Floats = np.sort(kept, axis=1)[self.images != place, :-1].mean(1)
        return found


def whole(vectors: Vectors) -> Floats:
    """Vectors in whole steps, for `apart`."""
    stepped: Floats = np.rint(np.asarray(vectors, np.float64) * _STEPS)
    return stepped


def apart(one: Floats, others: Floats) -> Floats:
    """Distances between rows of two sets of vectors in whole steps; exact until the root is taken."""
    cosine = (one @ others.T) / float(_STEPS) ** 2
    found: Floats = np.sqrt(np.maximum(0.0, 2.0 - 2.0 * cosine))
    return found


def nearest_mean(distances: Floats, count: int) -> Floats:
    """The mean of the nearest few of each row; infinite entries are none, and enough are finite."""
    nearest: Floats = np.sort(distances, axis=-1)[..., :count].mean(-1)
    return nearest


def usual_among(vectors: Floats, sample: Places, count: int) -> Usual:
    """What is usual in a taxon.

    Args:
        vectors: Of all its images, in whole steps.
        sample: Which of them are looked at, by place.
        count: To so many of the nearest; there are at least two images more.
    """
    distances = apart(vectors[sample], vectors)
    distances[np.arange(len(sample)), sample] = np.inf
    places = np.argsort(distances, axis=1, kind="stable")[:, : count + 1]
    return Usual(sample, places, np.take_along_axis(distances, places, 1))


def unusual(distance: float, usual: Floats) -> Unusual:
    """How unusual a distance is among those that are usual.

    Args:
        distance: Of the image.
        usual: Of the others of its taxon, three or more.
    """
    middle = float(np.median(usual))
    spread = _TO_SIGMA * float(np.median(np.abs(usual - middle)))
    sigma = max(spread, _LEAST_SPREAD * middle, 1e-6)
    score = (distance - middle) / sigma
    root = math.sqrt(len(usual))
    return Unusual(score, math.hypot(_MEDIAN_ERROR / root, score * _MAD_ERROR / root))
