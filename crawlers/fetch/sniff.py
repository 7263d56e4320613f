"""Is it an image? Told from the first bytes, since servers answer 200 with a page of excuses.

A table of our own rather than a general guesser: it must say no to HTML, JSON and text with certainty, and
yes to the formats in which collections publish. PDF is no image here; a medium that is meant to be a PDF is
fetched with `expect="any"`. Raw camera files and DNG are TIFF inside or have a mark of their own.
"""

from __future__ import annotations

import zlib

NEEDED = 512  # first bytes that `image_type` wants to see; DICOM's mark ends at byte 132

_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),  # BigTIFF
    (b"MM\0+", "image/tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/j2c"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"IIRO", "image/x-olympus-orf"),
    (b"IIRS", "image/x-olympus-orf"),
    (b"MMOR", "image/x-olympus-orf"),
    (b"IIU\0", "image/x-panasonic-rw2"),
    (b"FUJIFILMCCD-RAW", "image/x-fuji-raf"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"AT&TFORM", "image/vnd.djvu"),
)
_BEGINNINGS = tuple(mark for mark, _ in _MARKS)
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"crx ": "image/x-canon-cr3",
}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # sizes of the known BITMAPINFO headers


def image_type(head: bytes) -> str | None:
    """Media type of the image that begins with these bytes, or None if it is none that we know.

    Args:
        head: The first `NEEDED` bytes, or all there are.
    """
    if head.startswith(_BEGINNINGS):
        return next(media_type for mark, media_type in _MARKS if head.startswith(mark))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return "application/dicom" if head[128:132] == b"DICM" else None


def describe(head: bytes) -> str:
    """What bytes that are no image look like, in a few words for the curator."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page"
    if text.startswith(b"<"):
        return "XML or HTML"
    if text.startswith((b"{", b"[")):
        return "JSON"
    if head.startswith(b"%PDF"):
        return "a PDF"
    if head.startswith(b"PK\x03\x04"):
        return "a zip archive"
    return "text" if _is_text(head) else "bytes of no known image format"


def decoded_head(head: bytes, coding: str) -> bytes:
    """The first bytes beneath a Content-Encoding of gzip or deflate; `head` itself beneath any other."""
    if coding.lower() not in {"gzip", "x-gzip", "deflate"}:
        return head
    try:
        return zlib.decompressobj(wbits=47).decompress(head, NEEDED)
    except zlib.error:
        return head


def _is_text(head: bytes) -> bool:
    return bool(head) and not any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head)
