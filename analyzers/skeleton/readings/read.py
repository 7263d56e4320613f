"""What the analyzer says of one picture: its bars along the middle. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

KINDS: Final = {"bars": "How many pixels are pale, then dark, and so on, along the middle row."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """The bars of a picture, from left to right. What is a text in a language says which, as `language`.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    pixels = picture.pixels()
    dark = pixels[len(pixels) // 2].max(axis=1) < int(str(parameters["dark"]))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dark])))
    bars = np.diff(np.concatenate([[0], edges, [len(dark)]]))
    return [Finding("bars", text=" ".join(str(int(bar)) for bar in bars))]
