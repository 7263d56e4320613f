"""What the analyzer says of one picture: its lightness as a vector. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from analyzers.vectors.direction import unit_vector
from hashstore.canonical import Json

KINDS: Final = {"embedding": "Pixels in each sixteenth of lightness, at length 1."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """A picture as a vector: `vasculum index similar` and `vasculum similar` work with it.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    lightness = picture.pixels().max(axis=2) // 16
    counts = np.bincount(lightness.ravel(), minlength=16)
    return [Finding("embedding", vector=unit_vector(counts.astype(np.float32)))]
