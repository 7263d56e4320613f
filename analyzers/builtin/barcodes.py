"""All barcodes of a picture, read at full size: at half of it, few codes on sheets can be read.

What a code says is told as it stands. Whether it is the specimen's catalogue number is for others to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzers.description import Description, Needs, Task
from analyzers.finding import Finding
from analyzers.interface import Reading
from analyzers.picture.picture import Picture, Pixels
from analyzers.vision.placing import Placing, placing
from hashstore.canonical import Json

if TYPE_CHECKING:
    from zxingcpp import Barcode

_SMALL: Final = 2_500  # pixels on the longer side; where smaller pictures show no code, they are enlarged
_PICTURES: Final = 0x2400  # Unicode's pictures of control characters (GS, FNC1) follow from here
_DELETE: Final = 0x2421

DESCRIPTION: Final = Description(
    name="barcodes",
    version="1",
    task=Task.READ,
    about="Barcodes of all usual symbologies, linear and two-dimensional, with their outlines.",
    kinds={
        "barcode": "What a barcode says; control characters as Unicode's pictures of them.",
        "symbology": "How that barcode, with the same region, is written: Code 128, Data Matrix.",
    },
    needs=Needs(memory=12 << 30, seconds=60.0),
    environment=("opencv-contrib-python-headless", "zxing-cpp"),
    citation="https://github.com/zxing-cpp/zxing-cpp",
)


class Barcodes:
    """The analyzer."""

    description = DESCRIPTION

    def prepare(self, parameters: Mapping[str, Json], models: Mapping[str, Path]) -> Reading:
        """It takes neither."""
        return read


def read(picture: Picture) -> Sequence[Finding]:
    """All barcodes of a picture, from top to bottom.

    Raises:
        UnreadablePicture: It cannot be decoded.
    """
    pixels = picture.pixels()
    where = placing(picture, pixels)
    found = _codes(pixels, where, 1)
    if not found and max(pixels.shape) < _SMALL:
        found = _codes(_enlarged(pixels), where, 2)
    return [finding for _, pair in sorted(found, key=lambda one: one[0]) for finding in pair]


def _codes(pixels: Pixels, where: Placing, factor: int) -> list[tuple[tuple[int, str], Sequence[Finding]]]:
    import zxingcpp

    found = zxingcpp.read_barcodes(pixels, text_mode=zxingcpp.TextMode.Plain)
    return [(_order(code), tuple(_findings(code, where, factor))) for code in found if _likely(code)]


def _likely(code: Barcode) -> bool:
    """A code whose own check digits hold, of a symbology that has any worth the name.

    ITF and Codabar are found in hatching, tick marks and writing.
    """
    import zxingcpp

    weak = (zxingcpp.BarcodeFormat.ITF, zxingcpp.BarcodeFormat.Codabar, zxingcpp.BarcodeFormat.DXFilmEdge)
    return bool(code.valid and code.text and code.format not in weak)


def _findings(code: Barcode, where: Placing, factor: int) -> Iterator[Finding]:
    at = code.position
    corners = (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    outline = where.polygon((corner.x / factor, corner.y / factor) for corner in corners)
    yield Finding("barcode", region=outline, text=visible(code.text))
    yield Finding("symbology", region=outline, text=str(code.format))


def _order(code: Barcode) -> tuple[int, str]:
    at = code.position
    return min(at.top_left.y, at.bottom_right.y), str(code.text)


def visible(text: str) -> str:
    """A text whose control characters are shown by Unicode's pictures of them."""
    return "".join(_shown(sign) for sign in text)


def _shown(sign: str) -> str:
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return chr(_PICTURES + code) if code < 0x20 else chr(_DELETE) if code == 0x7F else sign


def _enlarged(pixels: Pixels) -> Pixels:
    from analyzers.vision.opencv import cv2

    return cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)  # type: ignore[return-value]


ANALYZER: Final = Barcodes()
