"""From a filter's JSON to its tree; whatever is wrong is refused with its place, before it costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hashstore.canonical import Json, parse_json
from hashstore.errors import MalformedJson
from manifests.errors import FilterRefused
from manifests.filter.checks import (
    DEEPEST,
    LONGEST_LIST,
    LONGEST_TEXT,
    MOST_NODES,
    check_corners,
    check_count,
    check_degrees,
    check_depth,
    check_digest,
    check_field,
    check_list,
    check_operator,
    check_parallels,
    check_size,
    check_value,
    check_words,
)
from manifests.filter.fields import Field
from manifests.filter.model import (
    And,
    Below,
    Between,
    Box,
    Eq,
    Exists,
    Filter,
    In,
    Match,
    Not,
    OneFinding,
    Or,
    Polygon,
    Prefix,
    Range,
)

__all__ = ["DEEPEST", "LONGEST_LIST", "LONGEST_TEXT", "MOST_NODES", "parse_filter"]


def parse_filter(text: str | bytes) -> Filter:
    """Read a filter that is written as JSON.

    Raises:
        FilterRefused: it is no filter, or beyond the limits; the message gives the place, such as `$.and[2]`.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    check_size(data, "$")
    try:
        value = parse_json(data)
    except MalformedJson as error:
        raise FilterRefused("$", f"it is not JSON: {error}") from error
    return _Reader().tree(value, "$", 1)


@dataclass(slots=True)
class _Reader:
    """Counts what it reads; knows whether it is within what is asked of one finding."""

    nodes: int = 0
    of_finding: bool = False

    def tree(self, value: Json, where: str, depth: int) -> Filter:
        check_depth(depth, where)
        self.nodes += 1
        check_count(self.nodes, where)
        if not isinstance(value, Mapping) or len(value) != 1:
            raise FilterRefused(where, f"it must be an object with one member out of {_OPERATORS}")
        ((operator, content),) = value.items()
        here = f"{where}.{operator}" if operator.isidentifier() else where
        if operator in ("and", "or"):
            return (And if operator == "and" else Or)(self._parts(content, here, depth))
        if operator == "not":
            return Not(self.tree(content, here, depth + 1))
        if operator == "finding":
            return self._finding(content, here, depth)
        if operator not in _LEAVES:
            raise FilterRefused(here, f"{operator[:40]!r} is no operator; there are {_OPERATORS}")
        return _leaf(operator, content, here, self.of_finding)

    def _finding(self, content: Json, where: str, depth: int) -> Filter:
        if self.of_finding:
            raise FilterRefused(where, "a finding has no findings of its own")
        self.of_finding = True
        part = self.tree(content, where, depth + 1)
        self.of_finding = False
        return OneFinding(part)

    def _parts(self, content: Json, where: str, depth: int) -> tuple[Filter, ...]:
        if not isinstance(content, list):
            raise FilterRefused(where, "it must be a list of filters")
        return tuple(self.tree(part, f"{where}[{number}]", depth + 1) for number, part in enumerate(content))


def _leaf(operator: str, content: Json, where: str, of_finding: bool) -> Filter:
    if not isinstance(content, Mapping):
        raise FilterRefused(where, 'it must be an object with a "field"')
    members, read = _LEAVES[operator]
    if unknown := sorted(set(content) - {"field", *members}):
        raise FilterRefused(where, f"{unknown[0][:40]!r} has no place here; {_told(members)}")
    field = check_field(content.get("field"), f"{where}.field", of_finding=of_finding)
    check_operator(field, operator, where)
    return read(field, content, where)


def _told(members: tuple[str, ...]) -> str:
    return "it has " + ", ".join(f'"{name}"' for name in ("field", *members))


def _eq(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Eq(field, check_value(field, content.get("value"), f"{where}.value"))


def _in(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    values = _list(content.get("values"), f"{where}.values", "it must be a list of texts")
    check_list(values, f"{where}.values")
    return In(
        field,
        tuple(check_value(field, one, f"{where}.values[{place}]") for place, one in enumerate(values)),
    )


def _below(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    value = check_value(field, content.get("value"), f"{where}.value")
    return Below(field, value, check_digest(content.get("checklist"), f"{where}.checklist"))


def _range(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    ends = [
        check_value(field, content[name], f"{where}.{name}") if name in content else None
        for name in ("from", "to")
    ]
    if ends == [None, None]:
        raise FilterRefused(where, 'a range has "from", "to" or both')
    return Range(field, *ends)


def _exists(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Exists(field)


def _prefix(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Prefix(field, check_value(field, content.get("value"), f"{where}.value"))


def _match(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Match(field, check_words(field, content.get("value"), f"{where}.value"))


def _between(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    ends: list[tuple[str | None, bool]] = []
    for included, left_out in (("from", "over"), ("to", "under")):
        if included in content and left_out in content:
            raise FilterRefused(where, f'it has "{included}" or "{left_out}", not both')
        name = left_out if left_out in content else included
        text = check_value(field, content[name], f"{where}.{name}") if name in content else None
        ends.append((text, name == left_out))
    (first, over), (last, under) = ends
    if first is last is None:
        raise FilterRefused(where, 'it has "from", "over", "to" or "under"')
    return Between(field, first, last, over, under)


def _box(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    west, east = (
        check_degrees(content.get(name), f"{where}.{name}", latitude=False) for name in ("west", "east")
    )
    south, north = (
        check_degrees(content.get(name), f"{where}.{name}", latitude=True) for name in ("south", "north")
    )
    check_parallels(south, north, where)
    return Box(field, west, south, east, north)


def _polygon(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    here = f"{where}.corners"
    corners = _list(content.get("corners"), here, "it must be a list of corners")
    check_corners(corners, here)
    return Polygon(field, tuple(_corner(one, f"{here}[{place}]") for place, one in enumerate(corners)))


def _corner(corner: Json, where: str) -> tuple[str, str]:
    pair = _list(corner, where, "it must be a pair of longitude and latitude")
    if len(pair) != 2:
        raise FilterRefused(where, "it must be a pair of longitude and latitude")
    longitude = check_degrees(pair[0], f"{where}[0]", latitude=False)
    return longitude, check_degrees(pair[1], f"{where}[1]", latitude=True)


def _list(value: Json, where: str, problem: str) -> list[Json]:
    if not isinstance(value, list):
        raise FilterRefused(where, problem)
    return value


_Read = Callable[[Field, Mapping[str, Json], str], Filter]
_LEAVES: Mapping[str, tuple[tuple[str, ...], _Read]] = {
    "eq": (("value",), _eq),
    "in": (("values",), _in),
    "below": (("value", "checklist"), _below),
    "range": (("from", "to"), _range),
    "exists": ((), _exists),
    "prefix": (("value",), _prefix),
    "match": (("value",), _match),
    "box": (("west", "south", "east", "north"), _box),
    "polygon": (("corners",), _polygon),
    "between": (("from", "over", "to", "under"), _between),
}
_OPERATORS = ", ".join(("and", "or", "not", "finding", *_LEAVES))
