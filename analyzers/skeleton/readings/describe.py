"""What the analyzer says of one picture: whether it is upright or lying. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

KINDS: Final = {"format": "Upright, lying or square."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """How a picture, or the region of it that is asked for, is proportioned.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    height, width, _ = picture.pixels().shape
    return [Finding("format", text="square" if height == width else "upright" if height > width else "lying")]
