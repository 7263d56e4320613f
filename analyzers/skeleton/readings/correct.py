"""What the analyzer makes of one picture: the same in greys. Put your own in its place."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final

from PIL import Image

from analyzers.finding import Derivative, Finding
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

KINDS: Final = {"grey-picture": "The picture without its colours."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """A picture in greys: a derivative becomes a blob, linked to what it was made of.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    made = io.BytesIO()
    # A bitmap has one written form; the bytes of a PNG are another with each release of its compressor.
    Image.fromarray(picture.pixels()).convert("L").save(made, "BMP")
    return [Finding("grey-picture", derivative=Derivative(made.getvalue(), "image/bmp"))]
