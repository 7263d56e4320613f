"""What a filter means: the reference, in plain Python over the rows that describe one image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from manifests.errors import FilterRefused
from manifests.filter.comparing import MOST_WORDS, bound, days_of, folded
from manifests.filter.fields import (
    EVENT_DATE,
    LATITUDE,
    LISTS,
    LONGITUDE,
    READ_EVENT_DATE,
    READ_LATITUDE,
    READ_LONGITUDE,
    READ_YEAR,
    SCIENTIFIC_NAME,
    SPDX,
    UNKNOWN,
    YEAR,
    Column,
    Field,
    Kind,
)
from manifests.filter.findings import asked_of, number
from manifests.filter.model import (
    And,
    Below,
    Between,
    Box,
    Eq,
    Exists,
    Filter,
    In,
    Leaf,
    Match,
    Not,
    OneFinding,
    Or,
    Polygon,
    Prefix,
    Range,
)
from manifests.filter.places import Point, edges_of, inside, point_of
from manifests.filter.words import words_asked

NOT_LOOKED_UP: Final = "nobody has looked into its checklist"
Row = Mapping[str, Any]


def matches(tree: Filter, *, specimen: Row | None, media: Row | None, findings: Sequence[Row] = ()) -> bool:
    """Whether an image with these rows fits a filter.

    Args:
        tree: The filter.
        specimen: The specimen row; None where there is none, which is as if all its columns were empty.
        media: The media row, likewise.
        findings: What is found in the image, each as `manifests.filter.findings.asked_of` takes it.
    """
    said = tuple(map(asked_of, findings))
    return _fits(tree, {"specimen": specimen or {}, "media": media or {}}, said)


def _fits(tree: Filter, rows: Mapping[str, Row], findings: tuple[Row, ...]) -> bool:
    match tree:
        case And(parts):
            return all(_fits(part, rows, findings) for part in parts)
        case Or(parts):
            return any(_fits(part, rows, findings) for part in parts)
        case Not(part):
            return not _fits(part, rows, findings)
        case OneFinding(part):
            return any(_fits(part, {"finding": one}, ()) for one in findings)
        case _:
            return _holds(tree, rows)


def _holds(leaf: Leaf, rows: Mapping[str, Row]) -> bool:
    if isinstance(leaf, Below):
        raise FilterRefused("the filter", f"{NOT_LOOKED_UP} {leaf.checklist}")
    match leaf.field.kind:
        case Kind.DATE:
            return _holds_for_date(leaf, rows["specimen"])
        case Kind.PLACE:
            return _holds_for_place(leaf, rows["specimen"])
        case Kind.LICENSE:
            return _holds_for_license(leaf, rows)
        case Kind.NUMBER:
            return _holds_for_number(leaf, rows["finding"])
    return _holds_for_text(leaf, list(_values(leaf.field, rows)))


def _holds_for_text(leaf: Leaf, values: list[tuple[Column, str]]) -> bool:
    match leaf:
        case Exists():
            return bool(values)
        case Prefix(_, value):
            return any(found.startswith(_fold(value)) for _, found in values)
        case Eq(_, value):
            return any(_is(column, found, _fold(value)) for column, found in values)
        case In(_, wanted):
            return any(_is(column, found, _fold(value)) for column, found in values for value in wanted)
        case Match(_, value):
            words = {word for _, found in values for word in words_asked(leaf.field, found)}
            return words.issuperset(words_asked(leaf.field, value))
    return False


def _values(field: Field, rows: Mapping[str, Row]) -> Iterator[tuple[Column, str]]:
    for column in field.columns:
        value = folded(rows[column.table].get(column.name))
        if value is not None:
            parts = value.split(LISTS[column]) if column in LISTS else (value,)
            yield from ((column, part) for part in parts)


def _fold(value: str) -> str:
    return folded(value) or ""


def _is(column: Column, found: str, wanted: str) -> bool:
    """Equal; a scientific name also where the wanted one is its first words; the author follows."""
    if column == SCIENTIFIC_NAME and wanted.count(" ") < MOST_WORDS and found.startswith(f"{wanted} "):
        return True
    return found == wanted


def _holds_for_license(leaf: Leaf, rows: Mapping[str, Row]) -> bool:
    known = folded(rows[SPDX.table].get(SPDX.name)) is not None
    if isinstance(leaf, Exists):
        return known
    asked = leaf.values if isinstance(leaf, In) else (leaf.value,) if isinstance(leaf, Eq) else ()
    if not known and any(_fold(value) == UNKNOWN for value in asked):
        return True
    values = list(_values(leaf.field, rows))
    match leaf:
        case Prefix():
            return _holds_for_text(leaf, values)
        case _:
            named = tuple(value for value in asked if _fold(value) != UNKNOWN)
            return _holds_for_text(In(leaf.field, named), values)


def _holds_for_number(leaf: Leaf, finding: Row) -> bool:
    (column,) = leaf.field.columns
    found = number(finding.get(column.name))
    if found is None or isinstance(leaf, Exists):
        return found is not None
    if not isinstance(leaf, Between):
        return False
    first, last = number(leaf.first), number(leaf.last)
    above = first is None or found > first or (found == first and not leaf.over)
    return above and (last is None or found < last or (found == last and not leaf.under))


def _holds_for_date(leaf: Leaf, specimen: Row) -> bool:
    read_year = specimen.get(READ_YEAR.name)
    days = days_of(
        specimen.get(EVENT_DATE.name),
        specimen.get(YEAR.name),
        read_date=specimen.get(READ_EVENT_DATE.name),
        read_year=None if read_year is None else str(read_year),
    )
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
    return False


def _within(days: tuple[str, str], first: str | None, last: str | None) -> bool:
    begins, ends = first and bound(first), last and bound(last)
    return (not begins or begins[0] <= days[0]) and (not ends or days[1] <= ends[1])


def _holds_for_place(leaf: Leaf, specimen: Row) -> bool:
    point = _point(specimen)
    if point is None:
        return False
    match leaf:
        case Exists():
            return True
        case Box():
            return _in_box(point, leaf)
        case Polygon(_, corners):
            return inside(point, edges_of(_corner(*corner) for corner in corners))
    return False


def _point(specimen: Row) -> Point | None:
    """Where the interpreted coordinates are, if both can be read; else the published ones."""
    read = point_of(specimen.get(READ_LATITUDE.name), specimen.get(READ_LONGITUDE.name))
    return read or point_of(specimen.get(LATITUDE.name), specimen.get(LONGITUDE.name))


def _in_box(point: Point, box: Box) -> bool:
    south_west, north_east = _corner(box.west, box.south), _corner(box.east, box.north)
    if not south_west.y <= point.y <= north_east.y:
        return False
    if south_west.x <= north_east.x:
        return south_west.x <= point.x <= north_east.x
    return point.x >= south_west.x or point.x <= north_east.x


def _corner(longitude: str, latitude: str) -> Point:
    return point_of(latitude, longitude) or Point(0, 0)
