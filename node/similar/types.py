"""What a picture that a stranger sends may be, by its first bytes."""

from __future__ import annotations

from typing import Final

_SIGNS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
)
PICTURE_TYPES: Final = (*dict.fromkeys(name for _, name in _SIGNS), "image/webp")


def picture_type(data: bytes) -> str | None:
    """The media type of a picture; None of anything else.

    Decoders know many more formats, some of them little read and some that run programs. Nobody searches
    with those.
    """
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((name for sign, name in _SIGNS if data.startswith(sign)), None)
