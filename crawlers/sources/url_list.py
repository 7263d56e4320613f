"""A list of image URLs: one to a line, or a table (CSV, TSV) that has a column of them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawlers.errors import MalformedList
from crawlers.sources.columns import column_of, dialect_of, url_index
from crawlers.sources.interface import ListedMedia, Opened
from hashstore.digest import Digest

_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x1f]")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class _Record:
    """The cells of one record, and its first and last physical line, from 1."""

    cells: tuple[str, ...]
    first: int
    last: int


class UrlListSource:
    """Lines that are URLs (`#` begins a comment), or a table whose header names the column of them."""

    name = "url_list"
    looks_for = "a text file of one URL to a line, or a CSV or TSV with a column such as accessURI or url"
    priority = 50

    def recognise(self, location: str, head: bytes | None, media_type: str | None) -> bool:
        if not head or (not _wide(head) and _BINARY.search(head)):
            return False
        first = _first_line(head)
        return _URL.match(first) is not None or _has_url_column(first)

    def read(self, opened: Opened) -> Iterator[ListedMedia]:
        if opened.digest is None:
            raise MalformedList(f"{opened.location}: store the list first, so that its rows have addresses")
        with opened.path.open("rb") as file:
            codec = "utf-16" if _wide(file.read(2)) else "utf-8-sig"
            file.seek(0)
            text = io.TextIOWrapper(file, encoding=codec, errors="surrogateescape", newline="")
            try:
                yield from _Reader(opened.location, opened.digest).items(text)
            except UnicodeError as exc:
                raise MalformedList(f"{opened.location}: not text throughout: {exc}") from exc


class _Reader:
    """Turns the lines of one list into items."""

    def __init__(self, location: str, digest: Digest) -> None:
        self._location = location
        self._list = digest.uri

    def items(self, lines: Iterator[str]) -> Iterator[ListedMedia]:
        for number, line in enumerate(lines, start=1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if _URL.match(text) is not None and not _has_url_column(text):
                yield from self._plain(text, number, lines)
            else:
                yield from self._table(line, number, lines)
            return
        raise MalformedList(f"{self._location}: the list is empty")

    def _plain(self, text: str, number: int, lines: Iterator[str]) -> Iterator[ListedMedia]:
        yield self._bare(text, number)
        for later, line in enumerate(lines, start=number + 1):
            text = line.strip()
            if text and not text.startswith("#"):
                yield self._bare(text, later)

    def _bare(self, text: str, number: int) -> ListedMedia:
        url, recoded = _mended(text)
        return ListedMedia(url, self._address(number, number), (("accessURI", url),), (), recoded)

    def _table(self, header: str, number: int, lines: Iterator[str]) -> Iterator[ListedMedia]:
        try:
            dialect = dialect_of(header.rstrip("\r\n"))
        except MalformedList as exc:
            raise MalformedList(f"{self._location}: {exc}") from exc
        headers = next(csv.reader([header], dialect=dialect))
        position = url_index(headers)
        assert position is not None
        for record in self._records(lines, number, dialect):
            if any(cell.strip() for cell in record.cells):
                yield self._row(headers, position, record)

    def _records(self, lines: Iterator[str], before: int, dialect: type[csv.Dialect]) -> Iterator[_Record]:
        reader = csv.reader(lines, dialect=dialect)
        last = before
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as exc:
                raise MalformedList(f"{self._location}: line {before + reader.line_num}: {exc}") from exc
            first, last = last + 1, before + reader.line_num
            yield _Record(tuple(cells), first, last)

    def _row(self, headers: list[str], position: int, record: _Record) -> ListedMedia:
        columns: dict[str, str] = {}
        verbatim: dict[str, str] = {}
        flags: set[str] = set()
        for index, cell in enumerate(record.cells):
            value, noticed = _mended(cell)
            flags.update(noticed)
            if not value:
                continue
            header = headers[index] if index < len(headers) else ""
            name = "accessURI" if index == position else column_of(header)
            # The column of URLs has settled what accessURI is; a second column of that name keeps its header.
            if name is None or name in columns or (name == "accessURI" and index != position):
                verbatim[header.strip() or f"column {index + 1}"] = value
            else:
                columns[name] = value
        url = columns.get("accessURI", "")
        if not url:
            flags.add("no-url")
        named = column_of(headers[position])
        if named is not None and url:
            columns.setdefault(named, url)
        return ListedMedia(
            url,
            self._address(record.first, record.last),
            tuple(columns.items()),
            tuple(verbatim.items()),
            tuple(sorted(flags)),
        )

    def _address(self, first: int, last: int) -> str:
        lines = f"L{first}" if first == last else f"L{first}-L{last}"
        return f"line:{self._list}!/{lines}"


def _mended(cell: str) -> tuple[str, tuple[str, ...]]:
    """A cell as valid text without controls, and the codes of what that took."""
    flags = []
    text = cell.strip()
    if any("\udc80" <= letter <= "\udcff" for letter in text):
        # Not UTF-8: what spreadsheets on Windows write. The five bytes that it leaves out become U+FFFD.
        text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        flags.append("encoding-guessed")
    if _CONTROLS.search(text):
        text = _CONTROLS.sub(" ", text)
        flags.append("control-replaced")
    return text, tuple(flags)


def _wide(head: bytes) -> bool:
    return head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _first_line(head: bytes) -> str:
    codec = "utf-16" if _wide(head) else "utf-8-sig"
    lines = (line.strip() for line in head.decode(codec, "replace").splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")


def _has_url_column(line: str) -> bool:
    try:
        dialect_of(line)
    except (MalformedList, csv.Error):
        return False
    return not line.startswith("<")


SOURCE = UrlListSource()
