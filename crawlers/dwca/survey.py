"""Whether a data file is regular enough for the fast reader, judged by its bytes before and after reading."""

import csv
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from crawlers.dwca.dialect import Cut
from crawlers.dwca.limits import Limits
from crawlers.dwca.lines import BOM_UTF8, codec_name, lines_of
from crawlers.dwca.records import read_records

_BLOCK = 1 << 20
_TAIL = 4096
_LF = 0x0A


@dataclass(frozen=True, slots=True)
class Survey:
    """What the fast reader must know and answer for.

    `start` is the byte at which data begins, `first_line` the physical line there; `lines` counts the
    physical lines from there to the end without the empty ones at the very end, which are `blank_lines`.
    """

    start: int
    first_line: int
    lines: int
    blank_lines: int


def survey(path: Path, cut: Cut, width: int, limits: Limits) -> Survey | None:
    """What the fast reader needs; None where the file is one for the careful reader."""
    if not _supported(cut, width):
        return None
    header = _header(path, cut, limits)
    if header is None:
        return None
    start, first_line = header
    counted = _count_lines(path, start, crlf_only=cut.terminator == "\r\n" and not cut.quote)
    if counted is None:
        return None
    lines, blank = counted
    return Survey(start, first_line, lines - blank, blank)


def _supported(cut: Cut, width: int) -> bool:
    one_byte = len(cut.delimiter) == 1 and (cut.delimiter + cut.quote).isascii()
    return one_byte and width > 1 and codec_name(cut.encoding) == "utf-8" and cut.terminator != "\r"


def _header(path: Path, cut: Cut, limits: Limits) -> tuple[int, int] | None:
    """Byte and physical line at which the first record behind the header begins."""
    with path.open("rb") as stream:
        start = 3 if stream.read(3) == BOM_UTF8 else 0
    last_line = 0
    if cut.header_lines:
        whole = Cut(cut.encoding, cut.delimiter, cut.quote, cut.terminator, 0)
        records = list(islice(read_records(path, whole, limits), cut.header_lines))
        if len(records) < cut.header_lines or any(record.trouble for record in records):
            return None
        last_line = records[-1].last
    start += sum(len(line.raw) for line in islice(lines_of(path, limits.max_line), last_line))
    with path.open("rb") as stream:
        stream.seek(start)
        # The fast reader would drop a byte order mark here, too.
        return None if stream.read(3) == BOM_UTF8 else (start, last_line + 1)


def _count_lines(path: Path, start: int, *, crlf_only: bool) -> tuple[int, int] | None:
    """Physical lines from `start`, and how many at the end are empty; None where a CR stands alone."""
    feeds = returns = pairs = 0
    last = b""
    with path.open("rb") as stream:
        stream.seek(start)
        while block := stream.read(_BLOCK):
            feeds += int(np.count_nonzero(np.frombuffer(block, np.uint8) == _LF))
            if b"\r" in block or last.endswith(b"\r"):
                returns += block.count(b"\r")
                pairs += block.count(b"\r\n") + (last.endswith(b"\r") and block.startswith(b"\n"))
            last = block[-_TAIL:] if len(block) >= _TAIL else (last + block)[-_TAIL:]
    if returns != pairs or (crlf_only and feeds != pairs):
        return None
    tail = last.replace(b"\r\n", b"\n")
    unended = bool(tail) and not tail.endswith(b"\n")
    # An empty line is one newline beyond that which ends the last record; nothing but newlines is all empty.
    newlines = len(tail) - len(tail.rstrip(b"\n"))
    blank = newlines - 1 if newlines < len(tail) else newlines
    return feeds + unended, max(blank, 0)


def ends_in_quote(path: Path, cut: Cut, lines: int, blank_lines: int) -> bool:
    """Whether the last record, which took `lines` lines before the empty ones, leaves its quote open."""
    if not cut.quote:
        return False
    taken = _last_lines(path, lines + blank_lines)[:lines]
    source = iter([raw.decode("utf-8", "replace") for raw in taken] + [""])
    next(csv.reader(source, delimiter=cut.delimiter, quotechar=cut.quote), None)
    # With its quote closed, the reader has no reason to ask for the line that we added.
    return next(source, None) is None


def _last_lines(path: Path, count: int) -> list[bytes]:
    size, reach = path.stat().st_size, _BLOCK
    with path.open("rb") as stream:
        while True:
            stream.seek(max(0, size - reach))
            lines = stream.read().splitlines(keepends=True)
            if len(lines) > count or reach >= size:
                return lines[-count:]
            reach *= 2
