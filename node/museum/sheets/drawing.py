"""What drawing a specimen gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture with what is true of it.

    Attributes:
        jpeg: The picture.
        mask: A 1-bit PNG of the picture's size, white where the specimen is.
        truth: The ground truth as JSON (see `node.museum.sheets.truth`).
    """

    jpeg: bytes
    mask: bytes
    truth: bytes
