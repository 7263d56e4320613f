"""The careful reader: physical lines into records, each with its line numbers, nothing lost.

Enclosed files are cut by the csv module, line by line, so that the lines that a record took are known
exactly. A quote that never closes would swallow the rest of the file: its first line alone is set aside,
and reading goes on behind it.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path

from crawlers.dwca.dialect import Cut
from crawlers.dwca.limits import Limits
from crawlers.dwca.lines import Decoder, Line, lines_of


class Trouble(StrEnum):
    """Why a record is set aside; the codes of the quarantine table."""

    UNDECODABLE = "undecodable"
    UNTERMINATED_QUOTE = "unterminatedQuote"
    FIELD_TOO_LONG = "fieldTooLong"
    LINE_TOO_LONG = "lineTooLong"
    TOO_MANY_FIELDS = "tooManyFields"


MESSAGES = {
    Trouble.UNDECODABLE: "The bytes are neither in the declared encoding nor in UTF-8 or windows-1252.",
    Trouble.UNTERMINATED_QUOTE: "A field opens with a quote that never closes.",
    Trouble.FIELD_TOO_LONG: "A field is longer than the limit.",
    Trouble.LINE_TOO_LONG: "The line is longer than the limit.",
    Trouble.TOO_MANY_FIELDS: "The record has more fields than the limit.",
}


@dataclass(slots=True)
class Record:
    """One record: its fields, its first and last physical line (from 1), and what was noticed about it."""

    fields: list[str]
    first: int
    last: int
    guessed: bool = False
    trouble: Trouble | None = None


def read_records(path: Path, cut: Cut, limits: Limits) -> Iterator[Record]:
    """Every record of a file behind its header lines, blank lines as records without fields."""
    lines = lines_of(path, limits.max_line)
    cutter = _Enclosed(lines, cut, limits) if cut.quote else _Plain(lines, cut, limits)
    for record in islice(cutter.records(), cut.header_lines, None):
        if len(record.fields) > limits.max_columns and record.trouble is None:
            record.trouble = Trouble.TOO_MANY_FIELDS
        yield record


class _Plain:
    """Nothing encloses a field: a record ends where its terminator stands."""

    def __init__(self, lines: Iterator[Line], cut: Cut, limits: Limits) -> None:
        self._lines = lines
        self._cut = cut
        self._limits = limits
        self._decoder = Decoder(cut.encoding)

    def records(self) -> Iterator[Record]:
        first, number, size = 1, 0, 0
        pieces: list[Line] = []
        for line in self._lines:
            number += 1
            size += len(line.raw)
            if size <= self._limits.max_line or not pieces:
                pieces.append(line)
            else:
                pieces[0] = Line(pieces[0].raw, cut=True)
            if self._ends(line.raw):
                yield self._record(pieces, first, number)
                first, pieces, size = number + 1, [], 0
        if pieces:
            yield self._record(pieces, first, number)

    def _ends(self, raw: bytes) -> bool:
        if self._cut.terminator == "\n":
            return raw.endswith(b"\n")
        return raw.endswith(b"\r\n") if self._cut.terminator == "\r\n" else raw.endswith((b"\r", b"\r\n"))

    def _record(self, pieces: list[Line], first: int, last: int) -> Record:
        text = self._decoder.decode(pieces[0].raw if len(pieces) == 1 else b"".join(p.raw for p in pieces))
        bare = text.text.rstrip("\r\n")
        fields = bare.split(self._cut.delimiter) if bare else []
        trouble = Trouble.UNDECODABLE if text.broken else None
        if any(piece.cut for piece in pieces):
            trouble = Trouble.LINE_TOO_LONG
        elif len(bare) > self._limits.max_field and any(len(f) > self._limits.max_field for f in fields):
            trouble = Trouble.FIELD_TOO_LONG
        return Record(fields, first, last, text.guessed, trouble)


class _Enclosed:
    """A quote may enclose a field, with delimiters and line ends inside it."""

    def __init__(self, lines: Iterator[Line], cut: Cut, limits: Limits) -> None:
        self._lines = lines
        self._back: deque[Line] = deque()
        self._cut = cut
        self._decoder = Decoder(cut.encoding)
        self._taken: list[Line] = []
        self._ended = False
        self._guessed = False
        self._trouble: Trouble | None = None
        csv.field_size_limit(limits.max_field)

    def records(self) -> Iterator[Record]:
        first = 1
        while True:
            reader = self._reader()
            for fields, trouble in self._parse(reader):
                if trouble is Trouble.UNTERMINATED_QUOTE or (trouble and len(self._taken) > 1):
                    self._back.extendleft(reversed(self._taken[1:]))
                    yield Record([], first, first, False, Trouble.UNTERMINATED_QUOTE)
                    first += 1
                    self._reset()
                    break
                last = first + len(self._taken) - 1
                yield Record(fields, first, last, self._guessed, trouble or self._trouble)
                first = last + 1
                self._reset()
            else:
                return

    def _reset(self) -> None:
        self._taken, self._guessed, self._trouble, self._ended = [], False, None, False

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(
            self._feed(), delimiter=self._cut.delimiter, quotechar=self._cut.quote, quoting=csv.QUOTE_MINIMAL
        )

    def _parse(self, reader: Iterator[list[str]]) -> Iterator[tuple[list[str], Trouble | None]]:
        while True:
            try:
                fields = next(reader)
            except StopIteration:
                return
            except csv.Error:
                yield [], Trouble.FIELD_TOO_LONG
                continue
            # The reader asks for a line beyond the last only while a quote is open.
            yield fields, Trouble.UNTERMINATED_QUOTE if self._ended else None

    def _feed(self) -> Iterator[str]:
        while (line := self._back.popleft() if self._back else next(self._lines, None)) is not None:
            self._taken.append(line)
            text = self._decoder.decode(line.raw)
            self._guessed = self._guessed or text.guessed
            if line.cut:
                self._trouble = Trouble.LINE_TOO_LONG
            elif text.broken and self._trouble is None:
                self._trouble = Trouble.UNDECODABLE
            yield text.text
        self._ended = True


__all__ = ["MESSAGES", "Record", "Trouble", "read_records"]
