"""PDQ: 256 bits that stay nearly the same when a picture is scaled, compressed or slightly changed.

The algorithm is that of Facebook's white paper of 2019 (The TMK+PDQF Video-Hashing Algorithm and the PDQ
Image-Hashing Algorithm): luminance, smoothed by boxes, at 64 by 64 points; the 16 by 16 lowest frequencies of
its cosine transform; a bit for each that is above their median. Its own library is C++ without wheels; the
tests hold this one against it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

BITS: Final = 256
NEAR: Final = 31  # bits; the white paper's bound for the same picture
_SIDE, _LOW, _WORKING = 64, 16, 512
_LEAST_QUALITY: Final = 50  # of 100; below it a picture is too plain to be told by its outlines
_LUMA: Final = np.array([0.299, 0.587, 0.114])
Grid = npt.NDArray[np.float64]


def perceptual_hash(image: Image) -> str | None:
    """The hash in hex; None for a picture that is too plain to have one.

    Args:
        image: An upright picture, as `pixels.upright` gives it.
    """
    small = _small(_luminance(image))
    if _quality(small) < _LEAST_QUALITY:
        return None
    cosines = _cosines()
    low = cosines @ small @ cosines.T
    bits = (low > np.median(low)).reshape(-1)
    return np.packbits(bits[::-1]).tobytes().hex()


def _luminance(image: Image) -> Grid:
    from PIL.Image import Resampling

    if image.mode == "I;16":
        deep = np.asarray(image.resize((min(_WORKING, image.width), min(_WORKING, image.height))), np.float64)
        return deep / 256
    size = (min(_WORKING, image.width), min(_WORKING, image.height))
    shown = image.convert("RGB") if image.mode != "RGB" else image
    found: Grid = np.asarray(shown.resize(size, Resampling.BOX, reducing_gap=2.0), np.float64) @ _LUMA
    return found


def _small(luminance: Grid) -> Grid:
    """64 by 64 points of the smoothed picture."""
    smooth = luminance
    for _ in range(2):
        smooth = _boxed(_boxed(smooth).T).T
    rows, columns = ((np.arange(_SIDE) + 0.5) * length / _SIDE for length in smooth.shape)
    return smooth[np.ix_(rows.astype(int), columns.astype(int))]


def _boxed(values: Grid) -> Grid:
    """Each value's mean with its neighbours in its row, in a window of the 128th part of the row."""
    length = values.shape[1]
    window = (length + 2 * _SIDE - 1) // (2 * _SIDE)
    before = (window + 2) // 2
    sums = np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)
    places = np.arange(length)
    start = np.clip(places - (window - before), 0, length)
    stop = np.clip(places + before, 0, length)
    found: Grid = (sums[:, stop] - sums[:, start]) / (stop - start)
    return found


def _quality(small: Grid) -> float:
    """How much there is to see, 0 to 100: the sum of neighbours' differences, in hundredths of the range."""
    across, down = np.abs(np.diff(small, axis=1)), np.abs(np.diff(small, axis=0))
    steps = np.trunc(across * 100 / 255).sum() + np.trunc(down * 100 / 255).sum()
    return min(100.0, float(np.trunc(steps / 90)))


@lru_cache(maxsize=1)
def _cosines() -> Grid:
    """The transform's 16 lowest waves above the constant one."""
    wave, place = np.meshgrid(np.arange(1, _LOW + 1), np.arange(_SIDE), indexing="ij")
    found: Grid = np.sqrt(2 / _SIDE) * np.cos(np.pi / (2 * _SIDE) * wave * (2 * place + 1))
    return found
