"""Our own rows, as CSV with a header, or as one JSON object a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from analyzers.errors import AnalyzerError
from analyzers.exchange.document import parse
from analyzers.exchange.model import MEMBERS, Item, MalformedFile, Refused, Written
from analyzers.exchange.numbers import decimal_of

_ABOUT: Final = ("image", "motivation", "agent", "created")
COLUMNS: Final = ("image", *MEMBERS, "motivation", "agent", "created")
_NUMBERS: Final = frozenset({"value", "uncertainty", "confidence"})


def read_csv(data: bytes) -> Iterator[Item | Refused]:
    """The annotations of a CSV file; an empty cell says nothing.

    Raises:
        MalformedFile: it is none, or has no column `image` or `kind`.
    """
    try:
        with _long_fields():
            rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
            _check_header(rows.fieldnames or ())
            read = list(rows)
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedFile(f"This is no CSV in UTF-8: {error}") from error
    for place, row in enumerate(read, 1):
        yield _item(place, {name: value for name, value in row.items() if name and value})


@contextmanager
def _long_fields() -> Iterator[None]:
    """A mask or a vector is long. The limit is one for the whole process, in which others rely on theirs."""
    before = csv.field_size_limit(1 << 24)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _check_header(header: Iterable[str]) -> None:
    found = set(header)
    if missing := {"image", "kind"} - found:
        raise MalformedFile(
            f"The header has no column {sorted(missing)[0]!r}; these may be there: {COLUMNS}."
        )
    if unknown := found - set(COLUMNS):
        raise MalformedFile(
            f"The header has {sorted(unknown)[0]!r}; these may be there: {', '.join(COLUMNS)}."
        )


def read_jsonl(data: bytes) -> Iterator[Item | Refused]:
    """The annotations of a JSONL file.

    Raises:
        MalformedFile: a line is no JSON.
    """
    lines = (line for line in data.split(b"\n") if line.strip())
    for place, line in enumerate(lines, 1):
        document = parse(line, "JSON line")
        if not isinstance(document, dict) or document.keys() - set(COLUMNS):
            yield Refused(place, "malformed", f"it is no object of {', '.join(COLUMNS)}")
        else:
            yield _item(place, {name: value for name, value in document.items() if value is not None})


def _item(place: int, told: Mapping[str, Any]) -> Item | Refused:
    try:
        texts = {
            name: decimal_of(value) if name in _NUMBERS and not isinstance(value, str) else value
            for name, value in told.items()
        }
    except AnalyzerError as error:
        return Refused(place, "not-a-number", str(error))
    if not all(isinstance(value, str) for value in texts.values()) or not {"image", "kind"} <= texts.keys():
        return Refused(place, "malformed", "image and kind have to be there, and all values are texts")
    about = {name: texts.pop(name) for name in _ABOUT if name in texts}
    return Item(
        place, about["image"], texts, motivation=about.get("motivation"), agent=about.get("agent"),
        created=about.get("created"),
    )  # fmt: skip


def write_csv(items: Iterable[Item]) -> Written:
    """Items as CSV."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_row(item) for item in items)
    return Written(file.getvalue().encode())


def write_jsonl(items: Iterable[Item]) -> Written:
    """Items as JSON lines."""
    lines = (json.dumps(_row(item), ensure_ascii=False, sort_keys=True) + "\n" for item in items)
    return Written("".join(lines).encode())


def _row(item: Item) -> dict[str, str]:
    about = {name: getattr(item, name) for name in _ABOUT}
    return {**item.finding, **{name: value for name, value in about.items() if value is not None}}
