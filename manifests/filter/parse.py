"""From the text of a filter to its tree; whatever is wrong is refused with its place, before it costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from hashstore.canonical import Json, parse_json
from hashstore.errors import MalformedJson
from manifests.errors import FilterRefused
from manifests.filter.comparing import bound, folded
from manifests.filter.fields import FIELDS, Field, Kind
from manifests.filter.model import And, Eq, Exists, Filter, In, Not, Or, Prefix, Range

LONGEST_TEXT: Final = 64 * 1024  # bytes
DEEPEST: Final = 16
MOST_NODES: Final = 256
LONGEST_LIST: Final = 10_000

_CONTROL: Final = re.compile("[\x00-\x1f\x7f]")


def parse_filter(text: str | bytes) -> Filter:
    """Read a filter.

    Raises:
        FilterRefused: it is no filter, or beyond the limits; the message gives the place, such as `$.and[2]`.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > LONGEST_TEXT:
        raise FilterRefused("$", f"a filter has at most {LONGEST_TEXT} bytes; this one has {len(data)}")
    try:
        value = parse_json(data)
    except MalformedJson as error:
        raise FilterRefused("$", f"it is not JSON: {error}") from error
    return _Reader().tree(value, "$", 1)


@dataclass(slots=True)
class _Reader:
    """Counts what it reads."""

    nodes: int = 0

    def tree(self, value: Json, where: str, depth: int) -> Filter:
        if depth > DEEPEST:
            raise FilterRefused(where, f"a filter is nested at most {DEEPEST} levels deep")
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise FilterRefused(where, f"a filter has at most {MOST_NODES} conditions and connectives")
        if not isinstance(value, Mapping) or len(value) != 1:
            raise FilterRefused(where, f"it must be an object with one member out of {_OPERATORS}")
        ((operator, content),) = value.items()
        here = f"{where}.{operator}" if operator.isidentifier() else where
        if operator in ("and", "or"):
            return (And if operator == "and" else Or)(self._parts(content, here, depth))
        if operator == "not":
            return Not(self.tree(content, here, depth + 1))
        if operator not in _LEAVES:
            raise FilterRefused(here, f"{operator[:40]!r} is no operator; there are {_OPERATORS}")
        return self._leaf(operator, content, here)

    def _parts(self, content: Json, where: str, depth: int) -> tuple[Filter, ...]:
        if not isinstance(content, list):
            raise FilterRefused(where, "it must be a list of filters")
        return tuple(self.tree(part, f"{where}[{number}]", depth + 1) for number, part in enumerate(content))

    def _leaf(self, operator: str, content: Json, where: str) -> Filter:
        if not isinstance(content, Mapping):
            raise FilterRefused(where, 'it must be an object with a "field"')
        members, read = _LEAVES[operator]
        if unknown := sorted(set(content) - {"field", *members}):
            raise FilterRefused(where, f"{unknown[0][:40]!r} has no place here; {_told(members)}")
        field = _field(content.get("field"), operator, where)
        return read(field, content, where)


def _told(members: tuple[str, ...]) -> str:
    return "it has " + ", ".join(f'"{name}"' for name in ("field", *members))


def _field(name: Json, operator: str, where: str) -> Field:
    if not isinstance(name, str) or name not in FIELDS:
        shown = repr(name[:40]) if isinstance(name, str) else "this"
        raise FilterRefused(f"{where}.field", f"{shown} is no field; there are {', '.join(FIELDS)}")
    field = FIELDS[name]
    if operator not in field.operators:
        problem = f"{name} cannot be asked with {operator!r}; it takes {', '.join(field.operators)}"
        raise FilterRefused(where, problem)
    return field


def _value(field: Field, value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise FilterRefused(where, "it must be a text")
    if _CONTROL.search(value):
        raise FilterRefused(where, "the text holds a control character")
    if folded(value) is None:
        raise FilterRefused(where, 'the text is empty; to ask whether there is a value, use "exists"')
    if field.kind is Kind.DATE and bound(value) is None:
        raise FilterRefused(where, f"{value[:40]!r} is no date; write YYYY, YYYY-MM or YYYY-MM-DD")
    return value


def _eq(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Eq(field, _value(field, content.get("value"), f"{where}.value"))


def _in(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    values = content.get("values")
    if not isinstance(values, list):
        raise FilterRefused(f"{where}.values", "it must be a list of texts")
    if len(values) > LONGEST_LIST:
        problem = f"a list has at most {LONGEST_LIST} values; this one has {len(values)}"
        raise FilterRefused(f"{where}.values", problem)
    return In(
        field,
        tuple(_value(field, value, f"{where}.values[{number}]") for number, value in enumerate(values)),
    )


def _range(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    ends = [
        _value(field, content[name], f"{where}.{name}") if name in content else None
        for name in ("from", "to")
    ]
    if ends == [None, None]:
        raise FilterRefused(where, 'a range has "from", "to" or both')
    return Range(field, *ends)


def _exists(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Exists(field)


def _prefix(field: Field, content: Mapping[str, Json], where: str) -> Filter:
    return Prefix(field, _value(field, content.get("value"), f"{where}.value"))


_Read = Callable[[Field, Mapping[str, Json], str], Filter]
_LEAVES: Mapping[str, tuple[tuple[str, ...], _Read]] = {
    "eq": (("value",), _eq),
    "in": (("values",), _in),
    "range": (("from", "to"), _range),
    "exists": ((), _exists),
    "prefix": (("value",), _prefix),
}
_OPERATORS = ", ".join(("and", "or", "not", *_LEAVES))
