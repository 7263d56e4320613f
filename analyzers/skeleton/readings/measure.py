"""What the analyzer says of one picture: how much of it is dark. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from analyzers.decimals import decimal_text
from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

KINDS: Final = {"dark-share": "The share of dark pixels, 0 to 1."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """The share of a picture that is dark.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    dark = picture.pixels().max(axis=2) < int(str(parameters["dark"]))
    return [Finding("dark-share", value=decimal_text(float(dark.mean()), 4))]
