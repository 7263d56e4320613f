"""JPEG (ITU-T T.81): the segments that make the picture, copied bit for bit; all others are left out.

What may stay is listed: frame, tables, scans, the colour profile, and the marks that say how colours are
meant. So EXIF, XMP, IPTC, maker notes, previews with their own EXIF, comments and whatever follows the
picture go, whether or not anybody has thought of them. Which way is up is written into a new EXIF block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from node.disclosure.images.errors import NotUnderstood
from node.disclosure.images.tiff_tags import ORIENTATION, exif_block, orientation_of

COMMENT: Final = b"Public derivative: metadata removed."
EXIF: Final = b"Exif\0\0"
_SOI, _EOI, _SOS, _COM, _APP0 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0
_APP1, _APP2, _APP14 = 0xE1, 0xE2, 0xEE
# SOF0 to SOF15 without DHT, JPG and DAC, which share their range; then DHT, DAC, DQT, DNL, DRI.
_FRAMES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_PICTURE: Final = _FRAMES | {0xC4, 0xCC, 0xDB, 0xDC, 0xDD, _SOS}
_RESTARTS: Final = frozenset(range(0xD0, 0xD8))


class Segment(NamedTuple):
    """A marker, its payload, and the coded data behind it, which only a scan has."""

    marker: int
    payload: bytes
    coded: bytes = b""


def segments(data: bytes) -> Iterator[Segment]:
    """The segments from the start of the picture to its end; what follows the end is not looked at.

    Raises:
        NotUnderstood: it is no JPEG, or ends before its picture does.
    """
    if data[:2] != bytes([0xFF, _SOI]):
        raise NotUnderstood("it is no JPEG")
    at = 2
    while True:
        at, marker = _marker(data, at)
        if marker == _EOI:
            return
        if marker in _RESTARTS or marker in (_SOI, 0x01):
            raise NotUnderstood("a marker stands where none may be")
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise NotUnderstood("a segment is longer than the file")
        payload, at = data[at + 2 : at + length], at + length
        coded = b""
        if marker == _SOS:
            end = _end_of_scan(data, at)
            coded, at = data[at:end], end
        yield Segment(marker, payload, coded)


def _marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise NotUnderstood("there is something between its segments")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise NotUnderstood("it ends before its picture does")
    return at + 1, data[at]


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: in coded data FF is followed by 00 or a restart."""
    while (found := data.find(b"\xff", at)) >= 0 and found + 1 < len(data):
        following = data[found + 1]
        if following and following not in _RESTARTS and following != 0xFF:
            return found
        at = found + (1 if following == 0xFF else 2)
    raise NotUnderstood("it ends before its picture does")


def cleaned_jpeg(data: bytes) -> bytes:
    """The same picture without anything that is not picture.

    Raises:
        NotUnderstood: the file cannot be read with certainty.
    """
    found = list(segments(data))
    markers = [segment.marker for segment in found]
    if _SOS not in markers or not _FRAMES.intersection(markers):
        raise NotUnderstood("it holds no picture")
    kept = [segment for segment in found if _stays(segment)]
    turned = orientation(found)
    head = [_segment(_APP0, payload) for payload in _jfif(found)]
    if turned != 1:
        head.append(_segment(_APP1, EXIF + exif_block({ORIENTATION: turned})))
    head.append(_segment(_COM, COMMENT))
    body = [_segment(segment.marker, segment.payload) + segment.coded for segment in kept]
    return b"".join([bytes([0xFF, _SOI]), *head, *body, bytes([0xFF, _EOI])])


def orientation(found: list[Segment]) -> int:
    """Which way is up, by the first EXIF block; 1 where there is none."""
    blocks = (s.payload for s in found if s.marker == _APP1 and s.payload.startswith(EXIF))
    block = next(blocks, None)
    return 1 if block is None else orientation_of(block[len(EXIF) :])


def _stays(segment: Segment) -> bool:
    if segment.marker == _APP2:
        return segment.payload.startswith(b"ICC_PROFILE\0")
    # Adobe's mark, 12 bytes, says whether the three colours are RGB or YCbCr.
    adobe = segment.marker == _APP14 and segment.payload.startswith(b"Adobe") and len(segment.payload) == 12
    return adobe or segment.marker in _PICTURE


def _jfif(found: list[Segment]) -> Iterator[bytes]:
    """The JFIF mark with its resolution, without its thumbnail (ITU-T T.871, section 10.1)."""
    for segment in found:
        if segment.marker == _APP0 and segment.payload.startswith(b"JFIF\0") and len(segment.payload) >= 14:
            yield segment.payload[:12] + b"\0\0"
            return


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def metadata_of(data: bytes) -> Iterator[bytes]:
    """Everything in the file that a cleaned one would lack, what follows the picture included."""
    size = 4
    for segment in segments(data):
        size += 4 + len(segment.payload) + len(segment.coded)
        if not _stays(segment) and segment.payload != COMMENT:
            yield segment.payload
    yield data[size:]
