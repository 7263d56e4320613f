"""The text form of a tree: the same text for the same tree, and it reads back to what means the same."""

from __future__ import annotations

import re
from typing import Final

from manifests.filter.fields import Kind
from manifests.filter.findings import SHORT
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
from manifests.filter.text import ALL, BELOW, FINDING, NONE

# What needs no quotes wherever a value may stand.
_KIND: Final = re.compile("[A-Za-z0-9_-]+")
_BARE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_/.:+-]*")


def written(tree: Filter) -> str:
    """A filter as people write it. A list of one condition is written as that condition."""
    match tree:
        case And(parts) | Or(parts) if len(parts) == 1:
            return written(parts[0])
        case And(parts):
            return " AND ".join(map(_part, parts)) or ALL
        case Or(parts):
            return " OR ".join(map(_part, parts)) or NONE
        case Not(part):
            return f"NOT {_part(part)}"
        case OneFinding(part):
            return _finding(part)
        case _:
            return _condition(tree)


def _finding(part: Filter) -> str:
    """Alone where nothing that stands beside it can be taken to say more of it."""
    while isinstance(part, And | Or) and len(part.parts) == 1:
        part = part.parts[0]
    match part:
        case And((Eq(has, kind), Between(value) as test)) if (has.name, value.name) == ("has", "value"):
            if _KIND.fullmatch(kind):
                return f"{kind if kind in SHORT else f'{FINDING}.{kind}'}{_between(test)}"
        case And() | Or() | Not() | OneFinding():
            pass
        case _ if not part.field.qualifies:
            return written(part)
    return f"{FINDING}({written(part)})"


def _part(tree: Filter) -> str:
    inner = tree
    while isinstance(inner, And | Or) and len(inner.parts) == 1:
        inner = inner.parts[0]
    several = isinstance(inner, And | Or) and inner.parts
    return f"({written(inner)})" if several else written(inner)


def _condition(tree: Leaf) -> str:
    name = tree.field.name
    match tree:
        case Eq(_, value):
            return f"{name}:{_value(value)}"
        case In(_, values):
            return f"{name}:({', '.join(map(_value, values))})"
        case Below(_, value, checklist):
            return f"{name}:{BELOW}({_value(value)}, {checklist.uri})"
        case Range(field, first, last):
            return f"{name}{_between(Between(field, first, last))}"
        case Exists():
            return f"{name}:*"
        case Prefix(_, value):
            return f"{name}:{_value(value)}*"
        case Match(_, value):
            return f"{name}~{_value(value)}"
        case Between():
            return f"{name}{_between(tree)}"
        case Box() | Polygon():
            return f"{name}:{_area(tree)}"


def _between(tree: Between) -> str:
    if tree.last is None:
        return f"{'>' if tree.over else '>='}{tree.first}"
    if tree.first is None:
        return f"{'<' if tree.under else '<='}{tree.last}"
    if tree.first == tree.last and tree.field.kind is Kind.NUMBER and not (tree.over or tree.under):
        return f":{tree.first}"
    return f":{tree.first}{'<' if tree.over else ''}..{'<' if tree.under else ''}{tree.last}"


def _area(tree: Box | Polygon) -> str:
    if isinstance(tree, Box):
        return f"box({tree.west}, {tree.south}, {tree.east}, {tree.north})"
    return f"polygon({', '.join(' '.join(corner) for corner in tree.corners)})"


def _value(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
