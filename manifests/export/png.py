"""PNG of few colours that is the same bytes everywhere.

No library's compressor is used, since zlib and its successors give other bytes for the same pixels. Masks are
long
runs: rows are filtered by "Up", so that what is like the row above is zero, and runs are written as matches
at distance 1 under Deflate's fixed codes (RFC 1951, section 3.2.6). That is some hundred bytes for a simple
mask.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_UP: Final = b"\x02"
_LONGEST: Final = 258
# Length codes (RFC 1951, section 3.2.5): for each the least length and how many extra bits follow.
_LENGTHS: Final = tuple(
    (code, least, extra)
    for code, least, extra in zip(
        range(257, 285),
        (
            3,
            4,
            5,
            6,
            7,
            8,
            9,
            10,
            11,
            13,
            15,
            17,
            19,
            23,
            27,
            31,
            35,
            43,
            51,
            59,
            67,
            83,
            99,
            115,
            131,
            163,
            195,
            227,
        ),
        (0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5),
        strict=True,
    )
)


def indexed_png(width: int, rows: Iterable[Row], height: int, palette: tuple[Colour, ...]) -> Iterator[bytes]:
    """A PNG of 8-bit palette indices.

    Args:
        width: In pixels.
        rows: From top to bottom, each of `width` indices.
        height: How many rows there are.
        palette: Colours, at most 256.
    """
    yield _SIGNATURE
    yield _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
    yield _chunk(b"PLTE", b"".join(bytes(colour) for colour in palette))
    yield _chunk(b"IDAT", _deflated(_filtered(width, rows)))
    yield _chunk(b"IEND", b"")


def _filtered(width: int, rows: Iterable[Row]) -> Iterator[bytes]:
    above = np.zeros(width, np.uint8)
    for row in rows:
        yield _UP + (row - above).tobytes()
        above = row


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _deflated(parts: Iterable[bytes]) -> bytes:
    bits, checked = _Bits(), _Checked(parts)
    bits.put(0b011, 3)  # the last block, fixed codes
    for value, count in _runs(checked):
        bits.symbol(value)
        _repeat(bits, value, count - 1)
    bits.symbol(256)
    return b"\x78\x01" + bits.finished() + struct.pack(">I", checked.adler)


class _Checked:
    """Parts, and the checksum of those that have passed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.adler = 1

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.adler = zlib.adler32(part, self.adler)
            yield part


def _runs(parts: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Runs of one value, across the parts."""
    held: tuple[int, int] | None = None
    for part in parts:
        values = np.frombuffer(part, np.uint8)
        starts = np.concatenate(([0], np.flatnonzero(np.diff(values)) + 1))
        counts = np.diff(np.concatenate((starts, [len(values)])))
        for value, count in zip(values[starts].tolist(), counts.tolist(), strict=True):
            if held is not None and held[0] == value:
                held = (value, held[1] + count)
                continue
            if held is not None:
                yield held
            held = (value, count)
    if held is not None:
        yield held


def _repeat(bits: _Bits, value: int, count: int) -> None:
    """Write a value so many times more than it was just written."""
    while count >= 3:
        length = min(count, _LONGEST)
        bits.match(length)
        count -= length
    for _ in range(count):
        bits.symbol(value)


class _Bits:
    """Bits in Deflate's order: the first is the lowest of a byte, but codes come highest bit first."""

    def __init__(self) -> None:
        self._out = bytearray()
        self._held = 0
        self._count = 0

    def put(self, value: int, width: int) -> None:
        """Write a number, lowest bit first."""
        self._held |= value << self._count
        self._count += width
        while self._count >= 8:
            self._out.append(self._held & 255)
            self._held >>= 8
            self._count -= 8

    def match(self, length: int) -> None:
        """Write a repetition of the byte before."""
        if length == _LONGEST:
            self.symbol(285)
        else:
            code, least, extra = next(row for row in reversed(_LENGTHS) if row[1] <= length)
            self.symbol(code)
            self.put(length - least, extra)
        self.put(0, 5)  # distance 1

    def symbol(self, symbol: int) -> None:
        """Write a literal or length under its fixed code."""
        if symbol < 144:
            self._code(0x30 + symbol, 8)
        elif symbol < 256:
            self._code(0x190 + symbol - 144, 9)
        elif symbol < 280:
            self._code(symbol - 256, 7)
        else:
            self._code(0xC0 + symbol - 280, 8)

    def finished(self) -> bytes:
        """All of it, the last byte filled with zeros."""
        self.put(0, -self._count % 8)
        return bytes(self._out)

    def _code(self, code: int, width: int) -> None:
        self.put(int(f"{code:0{width}b}"[::-1], 2), width)
