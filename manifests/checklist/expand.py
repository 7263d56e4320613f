"""Filters by checklists, written out as the names that stand there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hashstore.digest import Digest
from manifests.checklist.below import names_below
from manifests.checklist.taxa import Checklist
from manifests.errors import FilterRefused
from manifests.filter.model import And, Below, Filter, In, Not, Or

MOST_ASKED: Final = 32


def expanded(tree: Filter, load: Callable[[Digest], Checklist]) -> Filter:
    """A tree that holds for the same rows and asks by no checklist.

    Args:
        tree: The filter.
        load: Gives a checklist by its digest.

    Raises:
        FilterRefused: a checklist has no such taxon, or several, or names too many; or too many are asked.
    """
    if (asked := _asked(tree)) > MOST_ASKED:
        problem = f"at most {MOST_ASKED} taxa can be asked by checklists; these are {asked}"
        raise FilterRefused("the filter", problem)
    return _expanded(tree, load)


def _asked(tree: Filter) -> int:
    match tree:
        case And(parts) | Or(parts):
            return sum(map(_asked, parts))
        case Not(part):
            return _asked(part)
    return int(isinstance(tree, Below))


def _expanded(tree: Filter, load: Callable[[Digest], Checklist]) -> Filter:
    match tree:
        case And(parts):
            return And(tuple(_expanded(part, load) for part in parts))
        case Or(parts):
            return Or(tuple(_expanded(part, load) for part in parts))
        case Not(part):
            return Not(_expanded(part, load))
        case Below(field, value, digest):
            return In(field, names_below(load(digest), value))
    return tree
