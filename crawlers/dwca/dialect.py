"""Settles how a data file is cut, from what its descriptor declares and from its own first line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from crawlers.dwca.descriptor import DataFile, Dialect, Field
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.lines import Decoder, lines_of, transcode, wide_codec
from crawlers.dwca.terms import expand, local_name, row_type_of_terms

_DELIMITERS = ("\t", ",", ";", "|")


@dataclass(frozen=True, slots=True)
class Cut:
    """A settled dialect. `quote` is empty where nothing encloses; `terminator` is LF, CR or CR LF."""

    encoding: str | None
    delimiter: str
    quote: str
    terminator: str
    header_lines: int


def settle(dialect: Dialect, path: Path, name: str, max_line: int) -> Cut:
    """Fill in what the descriptor leaves unsaid, and mend what it cannot mean, by the file's first line.

    Raises:
        ArchiveRefused: The declared dialect is one that no reader here supports.
    """
    first, break_ = _first_line(path, dialect.encoding, max_line)
    delimiter = _delimiter(dialect.delimiter, first)
    quote = '"' if dialect.quote is None else dialect.quote
    if len(quote) > 1 or (quote and quote == delimiter):
        raise ArchiveRefused(f"fieldsEnclosedBy {quote!r} is not supported: one character at most", file=name)
    if not delimiter or "\n" in delimiter or "\r" in delimiter or (quote and len(delimiter) > 1):
        raise ArchiveRefused(f"fieldsTerminatedBy {delimiter!r} is not supported", file=name)
    return Cut(
        dialect.encoding,
        delimiter,
        quote,
        _terminator(dialect.terminator, break_, name),
        dialect.header_lines,
    )


def _first_line(path: Path, encoding: str | None, max_line: int) -> tuple[str, str]:
    line = next(lines_of(path, max_line), None)
    text = Decoder(encoding).decode(line.raw).text if line else ""
    bare = text.rstrip("\r\n")
    return bare, text[len(bare) :][-2:]


def _delimiter(declared: str | None, first: str) -> str:
    # XML turns a tab written as itself into a blank; no one separates fields by blanks.
    if declared == " " and "\t" in first:
        return "\t"
    if declared:
        return declared
    # Unsaid means a comma (text guide, 2.2), unless the file plainly shows otherwise.
    return "\t" if "," not in first and "\t" in first else ","


def _terminator(declared: str | None, found: str, name: str) -> str:
    if declared is not None and declared.strip("\r\n \t") != "":
        raise ArchiveRefused(f"linesTerminatedBy {declared!r} is not supported", file=name)
    if declared == "\r\n" and found == "\r\n":
        return "\r\n"
    return "\r" if found == "\r" else "\n"


def sniff(path: Path, name: str, max_line: int) -> DataFile | None:
    """The data file that a bare table describes by its header line; None where that is not Darwin Core.

    As in python-dwca-reader, the table is UTF-8, has one header line, and encloses with double quotes.
    """
    encoding = None
    first, _ = _first_line(path, encoding, max_line)
    delimiter = max(_DELIMITERS, key=first.count)
    header = tuple(split_header(first, delimiter, '"'))
    row_type = row_type_of_terms(header)
    if row_type is None:
        return None
    fields = tuple(Field(i, expand(h)) for i, h in enumerate(header) if h.strip())
    dialect = Dialect(encoding, delimiter, '"', None, 1)
    return DataFile((name,), row_type, True, dialect, _id_column(header, row_type), fields)


def _id_column(header: tuple[str, ...], row_type: str) -> int | None:
    names = [local_name(cell).lower() for cell in header]
    own = local_name(row_type).lower() + "id"
    for wanted in (own, "gbifid", "id"):
        if wanted in names:
            return names.index(wanted)
    return None


def split_header(line: str, delimiter: str, quote: str) -> list[str]:
    """Cells of a header line, without enclosing quotes and the blanks around them."""
    cells = line.rstrip("\r\n").split(delimiter)
    return [cell.strip().strip(quote).strip() if quote else cell.strip() for cell in cells]


def header_cells(path: Path, cut: Cut, max_line: int) -> tuple[str, ...]:
    """Names of the columns in the last header line, without trailing empty ones; () where there is none."""
    if cut.header_lines == 0:
        return ()
    lines: Iterator[bytes] = (line.raw for line in lines_of(path, max_line))
    last = list(islice(lines, cut.header_lines))[-1:]
    if not last:
        return ()
    cells = split_header(Decoder(cut.encoding).decode(last[0]).text, cut.delimiter, cut.quote)
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def as_utf8(path: Path, dialect: Dialect, name: str, scratch: Path) -> tuple[Path, Dialect]:
    """The same file in an encoding whose ASCII characters are single bytes; most files are so already.

    Raises:
        ArchiveRefused: The file is UTF-16 or UTF-32 by its mark, but its bytes are not.
    """
    with path.open("rb") as stream:
        codec = wide_codec(stream.read(64), dialect.encoding)
    if codec is None:
        return path, dialect
    try:
        transcode(path, codec, scratch)
    except UnicodeError as error:
        raise ArchiveRefused(f"its bytes are not {codec.upper()} ({error})", file=name) from None
    return scratch, replace(dialect, encoding="utf-8")
