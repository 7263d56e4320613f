"""Whether the metadata of an image says where it was taken; when in doubt it does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from node.disclosure.images.errors import NotUnderstood
from node.disclosure.images.jpeg import EXIF
from node.disclosure.images.tiff_tags import GPS_DIRECTORY, read_tags

# XMP and IPTC name their fields in words; maker notes and previews hold such words or whole EXIF blocks.
_WORDS = re.compile(
    rb"(?i)g\0?p\0?s|latitude|longitude|location|sublocation|photoshop:(?:city|state|country)|"
    rb"Iptc4xmp|geo[:_]|dwc:|\bcity\b|what3words|plus.?code"
)
# Datasets of IPTC-IIM record 2: content location, city, sublocation, state, country (code and name).
_IPTC = re.compile(rb"\x1c\x02[\x1a\x1b\x5a\x5c\x5f\x64\x65]")
_TIFF: Final = (b"II*\0", b"MM\0*")


def says_where(metadata: Iterable[bytes]) -> bool:
    """Whether any block of metadata names a place.

    Args:
        metadata: Blocks as they stand in the file, without the picture itself.
    """
    return any(_names_a_place(block) for block in metadata)


def _names_a_place(block: bytes) -> bool:
    return bool(_WORDS.search(block) or _IPTC.search(block)) or _has_gps_directory(block)


def _has_gps_directory(block: bytes) -> bool:
    inner = block.removeprefix(EXIF)
    if not inner.startswith(_TIFF):
        # An EXIF block inside something else, such as a preview: nobody can say what it points at.
        return any(mark in block for mark in (EXIF + b"II*\0", EXIF + b"MM\0*"))
    try:
        return any(tag.number == GPS_DIRECTORY for tag in read_tags(inner))
    except NotUnderstood:
        return True
