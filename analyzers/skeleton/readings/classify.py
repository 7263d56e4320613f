"""What the analyzer says of one picture: whether it is dark or pale. Put your own in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from analyzers.decimals import decimal_text
from analyzers.finding import Finding
from analyzers.picture.picture import Picture
from hashstore.canonical import Json

KINDS: Final = {"class": "`dark` or `pale`, with the share of pixels that are so as confidence."}


def read(picture: Picture, parameters: Mapping[str, Json]) -> Sequence[Finding]:
    """The class of a picture. Where there are IRIs of classes, tell them as `term`.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    dark = float((picture.pixels().max(axis=2) < int(str(parameters["dark"]))).mean())
    name, share = ("dark", dark) if dark > 0.5 else ("pale", 1 - dark)
    return [Finding("class", text=name, confidence=decimal_text(share, 4))]
