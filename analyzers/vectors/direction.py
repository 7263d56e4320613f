"""Vectors as they are published: of length 1, so that only their direction is compared."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analyzers.errors import BadOutput


def unit_vector(features: npt.NDArray[np.float32]) -> bytes:
    """Features at length 1, as float32, little endian.

    Raises:
        BadOutput: They have no length, or one that is not finite.
    """
    wide = features.astype(np.float64)
    length = float(np.sqrt((wide * wide).sum()))
    if not np.isfinite(length) or length == 0:
        raise BadOutput(f"features of length {length} point nowhere")
    return (wide / length).astype("<f4").tobytes()
