"""Physical lines of a file, and their text.

A physical line ends at LF, CR or CR LF, whatever the descriptor declares: that is how Preston's readers,
and any stranger who resolves `line:...!/L42`, count. A record may span several (see records.py).
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BOM_UTF8 = codecs.BOM_UTF8
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line: its bytes with their line end, and whether it was too long to keep whole."""

    raw: bytes
    cut: bool = False


def physical_lines(stream: BinaryIO, max_line: int) -> Iterator[Line]:
    """Cut a stream into physical lines in bounded memory; one longer than `max_line` bytes comes out cut."""
    carry = b""
    cut = False
    while block := stream.read(_BLOCK):
        pieces = (carry + block).splitlines(keepends=True)
        # A CR at the end of a block may be the first half of CR LF: it waits for the next block.
        complete = pieces[-1].endswith(b"\n")
        carry = b"" if complete else pieces.pop()
        for piece in pieces:
            yield Line(piece, cut)
            cut = False
        if len(carry) > max_line:
            carry, cut = carry[:max_line].rstrip(b"\r"), True
    if carry:
        yield Line(carry, cut)


def lines_of(path: Path, max_line: int) -> Iterator[Line]:
    """The physical lines of a file, without a UTF-8 byte order mark at its start."""
    with path.open("rb") as stream:
        if stream.read(3) != BOM_UTF8:
            stream.seek(0)
        yield from physical_lines(stream, max_line)


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded line. `guessed`: not in the declared encoding. `broken`: in none that we try."""

    text: str
    guessed: bool = False
    broken: bool = False


class Decoder:
    """Decodes line by line: the declared encoding, then UTF-8, then windows-1252."""

    def __init__(self, declared: str | None) -> None:
        self._codec = codec_name(declared)
        self._fallbacks = [name for name in ("utf-8", "cp1252") if name != self._codec]

    def decode(self, raw: bytes) -> Text:
        """Text of one line; replacement characters stand in only where the line is `broken`."""
        try:
            return Text(raw.decode(self._codec))
        except UnicodeDecodeError:
            pass
        for codec in self._fallbacks:
            try:
                return Text(raw.decode(codec), guessed=True)
            except UnicodeDecodeError:
                continue
        return Text(raw.decode("utf-8", errors="replace"), broken=True)


def codec_name(declared: str | None) -> str:
    """Python's name of a declared encoding; UTF-8 where none is declared, none is known, or ASCII is."""
    try:
        info = codecs.lookup((declared or "utf-8").strip())
    except (LookupError, ValueError):
        return "utf-8"
    # Codecs such as base64 or zip are bytes to bytes; ASCII and UTF-8 with mark are read as UTF-8.
    if not getattr(info, "_is_text_encoding", True) or info.name in ("ascii", "utf-8-sig"):
        return "utf-8"
    return info.name


def wide_codec(start: bytes, declared: str | None) -> str | None:
    """The codec of a file in UTF-16 or UTF-32, told by its first bytes and declaration; None for others."""
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    name = codec_name(declared)
    # Publishers declare UTF-16 for files that are not; those have no zero byte among their first characters.
    return name if name.startswith(("utf-16", "utf-32")) and b"\0" in start else None


def transcode(source: Path, codec: str, target: Path) -> None:
    """Rewrite a file as UTF-8, keeping its line ends.

    Raises:
        UnicodeError: The bytes do not fit the codec.
    """
    with (
        source.open("r", encoding=codec, newline="") as reader,
        target.open("w", encoding="utf-8", newline="") as writer,
    ):
        while text := reader.read(_BLOCK):
            writer.write(text)
