"""Texts of exports: JSON, tab- and comma-separated tables, XML, in the one way in which we write each."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

from hashstore.blobstore.interface import Chunk

# What XML 1.0 (section 2.2) cannot hold in any form; a space stands for it.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# No published value holds one of these (spec/segments.md), and only these part lines and cells.
_BREAKING: Final = re.compile(r"[\x00-\x1f]")
_BUFFER: Final = 1 << 18


def compact_json(value: Any) -> str:
    """JSON on one line with sorted names; floats as Python prints them, which is the same everywhere."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def json_array(name: str, items: Iterable[Any], *, last: bool = False) -> Iterator[str]:
    """A member of an object that is a long list, one item a line."""
    yield f"{compact_json(name)}:["
    separator = "\n"
    for item in items:
        yield separator + compact_json(item)
        separator = ",\n"
    yield "\n]" if last else "\n],\n"


def fits_xml(text: str) -> bool:
    """Whether XML 1.0 can hold all of a text."""
    return _NOT_XML.search(text) is None


def xml_text(text: str) -> str:
    """Text between two tags of XML 1.0."""
    return escape(_NOT_XML.sub(" ", text))


def tsv_line(values: Iterable[object]) -> str:
    """A line of tab-separated values; what would break the line becomes a space, None an empty value."""
    cells = ("" if value is None else _BREAKING.sub(" ", str(value)) for value in values)
    return "\t".join(cells) + "\n"


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Lines of a comma-separated table (RFC 4180, but lines end in LF); None is an empty value."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in rows:
        writer.writerow(["" if value is None else _BREAKING.sub(" ", str(value)) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def encoded(parts: Iterable[str]) -> Iterator[Chunk]:
    """Text in UTF-8, in pieces of a quarter of a megabyte."""
    held: list[str] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length > _BUFFER:
            yield "".join(held).encode("utf-8", "replace")
            held, length = [], 0
    if held:
        yield "".join(held).encode("utf-8", "replace")
