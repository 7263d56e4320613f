"""SQL that prints canonical rows: one `concat` for a row, shaped by what a batch is like.

A column without nulls costs two arguments, one that is the same in every row none at all; only columns with
nulls need an expression of their own, which is null, and so nothing, where the value is.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from manifests.schema import Column


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What one batch is like in one column.

    Attributes:
        column: The column.
        has_nulls: Whether some value is null (a column of nothing but nulls is left out altogether).
        escaped: Whether some value may need escaping.
        constant: The value as text, if it is the same in every row and needs no cast.
    """

    column: Column
    has_nulls: bool
    escaped: bool
    constant: str | None


class _Text(str):
    """Text to print as it is; any other piece is SQL."""

    __slots__ = ()


def canonical_sql(shapes: Sequence[ColumnShape], prefix: str) -> str:
    """The expression that prints `prefix` and the canonical row.

    Args:
        shapes: The columns that have values, in canonical order.
        prefix: Put before each row, as SQL.
    """
    anchor = next((place for place, shape in enumerate(shapes) if not shape.has_nulls), None)
    if anchor is None:
        members = ", ".join(_member(shape, "", "") for shape in shapes)
        return f"concat({prefix}, '{{', concat_ws(',', {members or 'NULL'}), '}}')"
    # One column that is never null decides on which side of its member each other one puts its comma.
    pieces: list[str] = [prefix, _Text("{")]
    for place, shape in enumerate(shapes):
        before, after = ("," if place > anchor else ""), ("," if place < anchor else "")
        pieces += [_member(shape, before, after)] if shape.has_nulls else _parts(shape, before, after)
    return f"concat({', '.join(_joined([*pieces, _Text('}')]))})"


def _member(shape: ColumnShape, before: str, after: str) -> str:
    """One member of the object as one expression, null where the value is."""
    return "(" + " || ".join(_joined(_parts(shape, before, after))) + ")"


def _parts(shape: ColumnShape, before: str, after: str) -> list[str]:
    name = f'{before}"{shape.column.name}":'
    if shape.constant is not None:
        return [_Text(name + _printed(shape.column, shape.constant) + after)]
    value, quotes = _value(shape)
    return [_Text(name + quotes), value, _Text(quotes + after)]


def _value(shape: ColumnShape) -> tuple[str, str]:
    """The value's SQL, and the quotation mark to put around it, if any."""
    column = f'"{shape.column.name}"'
    match shape.column.type:
        case "string":
            # Without C0 controls, to_json escapes just what RFC 8785 does (a test tries every character).
            return (f"to_json({column})::VARCHAR", "") if shape.escaped else (column, '"')
        case "json":
            return column, ""
        case "integer" | "boolean":
            return f"{column}::VARCHAR", ""
        case "digest":
            return f"('hash://sha256/' || lower(hex({column})))", '"'


def _printed(column: Column, text: str) -> str:
    return text if column.type == "json" else json.dumps(text, ensure_ascii=False)


def _joined(pieces: Sequence[str]) -> Iterator[str]:
    """The pieces as SQL, neighbouring texts as one: each argument of `concat` costs time in every row."""
    for is_text, run in groupby(pieces, key=lambda piece: isinstance(piece, _Text)):
        if not is_text:
            yield from run
        elif text := "".join(run):
            yield "'" + text.replace("'", "''") + "'"
