"""PNG (W3C, third edition): the chunks that make the picture, copied; all others are left out.

Text, EXIF, times and chunks that nobody knows go, and so does whatever follows the picture.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from node.disclosure.images.errors import NotUnderstood
from node.disclosure.images.jpeg import COMMENT
from node.disclosure.images.tiff_tags import ORIENTATION, exif_block, orientation_of

MARK: Final = b"\x89PNG\r\n\x1a\n"
_PICTURE: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"acTL", b"fcTL", b"fdAT"})
_MEANING: Final = frozenset(
    {
        b"tRNS",
        b"cHRM",
        b"gAMA",
        b"iCCP",
        b"sBIT",
        b"sRGB",
        b"cICP",
        b"mDCV",
        b"cLLI",
        b"bKGD",
        b"hIST",
        b"pHYs",
    }
)
_TEXT: Final = b"Comment\0" + COMMENT


class Chunk(NamedTuple):
    """A chunk's type and data."""

    type: bytes
    data: bytes


def chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks from the first to IEND.

    Raises:
        NotUnderstood: it is no PNG, a checksum is wrong, or it ends before IEND.
    """
    if data[: len(MARK)] != MARK:
        raise NotUnderstood("it is no PNG")
    at = len(MARK)
    while True:
        if at + 12 > len(data):
            raise NotUnderstood("it ends before its picture does")
        (length,) = struct.unpack_from(">I", data, at)
        body, end = data[at + 4 : at + 8 + length], at + 8 + length
        if len(body) != length + 4 or data[end : end + 4] != struct.pack(">I", zlib.crc32(body)):
            raise NotUnderstood("a chunk of it is damaged")
        yield Chunk(body[:4], body[4:])
        at = end + 4
        if body[:4] == b"IEND":
            return


def cleaned_png(data: bytes) -> bytes:
    """The same picture without anything that is not picture.

    Raises:
        NotUnderstood: the file cannot be read with certainty.
    """
    found = list(chunks(data))
    if not found or found[0].type != b"IHDR" or all(chunk.type != b"IDAT" for chunk in found):
        raise NotUnderstood("it holds no picture")
    # A chunk whose name begins with a capital is needed to show the picture (section 5.4).
    if unknown := [c.type for c in found if not c.type[0] & 0x20 and c.type not in _PICTURE]:
        raise NotUnderstood(f"its chunk {unknown[0].decode('ascii', 'replace')} is not known")
    header, *rest = [chunk for chunk in found if chunk.type in _PICTURE | _MEANING]
    turned = next((orientation_of(chunk.data) for chunk in found if chunk.type == b"eXIf"), 1)
    said = [Chunk(b"tEXt", _TEXT)]
    if turned != 1:
        said.append(Chunk(b"eXIf", exif_block({ORIENTATION: turned})))
    return MARK + b"".join(_written(chunk) for chunk in (header, *said, *rest))


def metadata_of(data: bytes) -> Iterator[bytes]:
    """Everything in the file that a cleaned one would lack, texts unpacked."""
    size = len(MARK)
    for chunk in chunks(data):
        size += 12 + len(chunk.data)
        if chunk.type not in _PICTURE | _MEANING and chunk.data != _TEXT:
            yield from _unpacked(chunk)
    yield data[size:]


def _unpacked(chunk: Chunk) -> Iterator[bytes]:
    yield chunk.data
    if chunk.type in (b"zTXt", b"iTXt"):
        for start in range(len(chunk.data)):
            if chunk.data[start : start + 1] == b"\x78":
                unpacker = zlib.decompressobj()
                try:
                    yield unpacker.decompress(chunk.data[start:], 1 << 24)
                    return
                except zlib.error:
                    continue


def _written(chunk: Chunk) -> bytes:
    body = chunk.type + chunk.data
    return struct.pack(">I", len(chunk.data)) + body + struct.pack(">I", zlib.crc32(body))
