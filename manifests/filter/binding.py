"""What says more of a finding stands by itself in a text; here it joins the findings that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from manifests.filter.model import And, Filter, Not, OneFinding, Or


@dataclass(frozen=True)
class Loose(OneFinding):
    """A condition on findings that stands by itself in a text.

    Attributes:
        qualifies: Whether it says more of findings that are asked for in the same list, and below it.
    """

    qualifies: bool = False


def bound_in(tree: Filter, more: tuple[Filter, ...] = ()) -> Filter:
    """A tree in which nothing is loose any more.

    Args:
        tree: As it was read.
        more: What says more of all findings that it asks for.
    """
    match tree:
        case Loose(part):
            own = part.parts if isinstance(part, And) else (part,)
            return _one((*own, *more))
        case And(parts):
            return _bound_list(parts, more)
        case Or(parts):
            return Or(tuple(bound_in(part, more) for part in parts))
        case Not(part):
            return Not(bound_in(part, more))
    return tree


def _bound_list(parts: tuple[Filter, ...], more: tuple[Filter, ...]) -> Filter:
    own = tuple(part.part for part in parts if isinstance(part, Loose) and part.qualifies)
    rest = tuple(part for part in parts if not _qualifies(part))
    if own and not any(map(_asks, rest)):
        # They are all that is asked of findings here: one must have all of them.
        found = (*rest, _one((*own, *more)))
        return found[0] if len(found) == 1 else And(found)
    bound = tuple(bound_in(part, (*own, *more)) for part in rest)
    return bound[0] if len(bound) == 1 and own else And(bound)


def _one(parts: tuple[Filter, ...]) -> Filter:
    return OneFinding(parts[0] if len(parts) == 1 else And(parts))


def _qualifies(tree: Filter) -> bool:
    return isinstance(tree, Loose) and tree.qualifies


def _asks(tree: Filter) -> bool:
    match tree:
        case And(parts) | Or(parts):
            return any(map(_asks, parts))
        case Not(part):
            return _asks(part)
    return isinstance(tree, Loose)


def depth_of(tree: Filter) -> int:
    """How many levels a tree has."""
    match tree:
        case And(parts) | Or(parts):
            return 1 + max(map(depth_of, parts), default=0)
        case Not(part) | OneFinding(part):
            return 1 + depth_of(part)
    return 1


def size_of(tree: Filter) -> int:
    """How many conditions and connectives a tree has."""
    match tree:
        case And(parts) | Or(parts):
            return 1 + sum(map(size_of, parts))
        case Not(part) | OneFinding(part):
            return 1 + size_of(part)
    return 1
