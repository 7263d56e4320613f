"""Of which format a file is, by its first bytes alone: what its server called it is not asked. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

HEAD: Final = 32  # bytes that are needed to tell


class Kind(StrEnum):
    """The formats that are shown."""

    JPEG = "jpeg"
    PNG = "png"
    TIFF = "tiff"
    WEBP = "webp"
    GIF = "gif"
    JPEG2000 = "jpeg2000"
    AVIF = "avif"

    @property
    def streamed(self) -> bool:
        """Whether it can be decoded row by row, with only some of them in memory."""
        return self in (Kind.JPEG, Kind.PNG, Kind.TIFF)


_BEGINNINGS: Final = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),  # BigTIFF
    (b"MM\0+", Kind.TIFF),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", Kind.JPEG2000),
    (b"\xff\x4f\xff\x51", Kind.JPEG2000),  # a bare codestream
)


def kind_of(head: bytes) -> Kind | None:
    """The format of a file; None if it is none of these.

    Args:
        head: Its first `HEAD` bytes.
    """
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return Kind.AVIF
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), None)
