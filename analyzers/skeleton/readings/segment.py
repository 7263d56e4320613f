"""What the analyzer says of one picture: which of its pixels are dark. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from analyzers.vision.placing import placing
from hashstore.canonical import Json

KINDS: Final = {"dark-part": "All that is dark, pixel by pixel."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """The dark pixels of a picture; nothing where none is dark.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    pixels = picture.pixels()
    dark = pixels.max(axis=2) < int(str(parameters["dark"]))
    # Places are told in pixels of the whole picture, also where only a region of it is read.
    return [Finding("dark-part", region=placing(picture, pixels).mask(dark))] if dark.any() else []
