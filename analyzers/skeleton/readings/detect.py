"""What the analyzer says of one picture: where something dark is. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from analyzers.vision.placing import placing
from hashstore.canonical import Json

KINDS: Final = {"dark-part": "The rectangle around all that is dark."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """The rectangle around what is dark; nothing where nothing is.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    pixels = picture.pixels()
    dark = pixels.max(axis=2) < int(str(parameters["dark"]))
    rows, columns = np.flatnonzero(dark.any(1)), np.flatnonzero(dark.any(0))
    if not len(rows):
        return []
    left, top = int(columns[0]), int(rows[0])
    # Places are told in pixels of the whole picture, also where only a region of it is read.
    box = placing(picture, pixels).box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)
    return [Finding("dark-part", region=box, confidence="0.9")]
