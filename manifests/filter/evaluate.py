"""What a filter means: the reference, in plain Python over the rows that describe one image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from manifests.filter.comparing import MOST_WORDS, bound, days_of, folded
from manifests.filter.fields import EVENT_DATE, SCIENTIFIC_NAME, YEAR, Column, Field, Kind
from manifests.filter.model import And, Eq, Exists, Filter, In, Leaf, Not, Or, Prefix, Range

Row = Mapping[str, Any]


def matches(tree: Filter, *, specimen: Row | None, media: Row | None) -> bool:
    """Whether an image with these rows fits a filter.

    Args:
        tree: The filter.
        specimen: The specimen row; None where there is none, which is as if all its columns were empty.
        media: The media row, likewise.
    """
    match tree:
        case And(parts):
            return all(matches(part, specimen=specimen, media=media) for part in parts)
        case Or(parts):
            return any(matches(part, specimen=specimen, media=media) for part in parts)
        case Not(part):
            return not matches(part, specimen=specimen, media=media)
        case _:
            return _holds(tree, {"specimen": specimen or {}, "media": media or {}})


def _holds(leaf: Leaf, rows: Mapping[str, Row]) -> bool:
    if leaf.field.kind is Kind.DATE:
        return _holds_for_date(leaf, rows)
    values = list(_values(leaf.field, rows))
    match leaf:
        case Exists():
            return bool(values)
        case Prefix(_, value):
            return any(found.startswith(_fold(value)) for _, found in values)
        case Eq(_, value):
            return any(_is(column, found, _fold(value)) for column, found in values)
        case In(_, wanted):
            return any(_is(column, found, _fold(value)) for column, found in values for value in wanted)
        case Range():
            return False


def _values(field: Field, rows: Mapping[str, Row]) -> Iterator[tuple[Column, str]]:
    for column in field.columns:
        if (value := folded(rows[column.table].get(column.name))) is not None:
            yield column, value


def _fold(value: str) -> str:
    return folded(value) or ""


def _is(column: Column, found: str, wanted: str) -> bool:
    """Equal; a scientific name also where the wanted one is its first words; the author follows."""
    if column == SCIENTIFIC_NAME and wanted.count(" ") < MOST_WORDS and found.startswith(f"{wanted} "):
        return True
    return found == wanted


def _holds_for_date(leaf: Leaf, rows: Mapping[str, Row]) -> bool:
    specimen = rows["specimen"]
    days = days_of(specimen.get(EVENT_DATE.name), specimen.get(YEAR.name))
    if days is None:
        return False
    match leaf:
        case Exists():
            return True
        case Eq(_, value):
            return _within(days, value, value)
        case In(_, values):
            return any(_within(days, value, value) for value in values)
        case Range(_, first, last):
            return _within(days, first, last)
        case Prefix():
            return False


def _within(days: tuple[str, str], first: str | None, last: str | None) -> bool:
    begins, ends = first and bound(first), last and bound(last)
    return (not begins or begins[0] <= days[0]) and (not ends or days[1] <= ends[1])
