"""Filters by checklists at a node: which one it asks by itself, and where it finds others."""

from __future__ import annotations

from collections.abc import Callable

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.checklist import Checklist, expanded
from manifests.checklist.below import knows
from manifests.checklist.taxa import MOST_BYTES
from manifests.errors import DamagedChecklist
from manifests.filter import And, Below, Eq, Filter, In, Not, Or
from manifests.filter.fields import FIELDS
from node.compose import Node
from node.errors import ChecklistError, NoChecklist


def by_checklist(node: Node, tree: Filter) -> Filter:
    """A filter that somebody asks here: taxa that the node's own checklist knows are asked by that.

    What comes of it says so itself, so that it means the same wherever it travels.

    Raises:
        ChecklistError: the checklist cannot be had.
    """
    digest = node.config.search.digest
    if digest is None or not _asks(tree):
        return tree
    return _by(tree, digest, load_checklist(node, digest))


def resolved(node: Node, tree: Filter) -> Filter:
    """A filter without checklists, that holds for the same rows.

    Raises:
        ChecklistError: a checklist cannot be had.
        FilterRefused: a checklist has no such taxon, or several, or names too many.
    """
    return expanded(tree, lambda digest: load_checklist(node, digest))


def only_own(node: Node, tree: Filter) -> Filter:
    """`resolved`, for strangers: they are told of no blob but the checklist that the operator chose.

    Raises:
        ChecklistError: it asks by another, or the checklist cannot be had.
        FilterRefused: the checklist has no such taxon, or several, or names too many.
    """

    def load(digest: Digest) -> Checklist:
        if digest != node.config.search.digest:
            raise ChecklistError(f"This node does not search by the checklist {digest}.")
        return load_checklist(node, digest)

    return expanded(tree, load)


def load_checklist(node: Node, digest: Digest) -> Checklist:
    """A checklist out of the node's store; the last one stays in memory.

    Raises:
        ChecklistError: it is not here, or damaged; `NoChecklist` where it is none.
    """
    return _loaded(str(node.layout.root), digest, lambda: _read(node, digest))


class _Loaded:
    """The one checklist that a process has in memory: large ones take hundreds of megabytes."""

    def __init__(self) -> None:
        self._last: tuple[tuple[str, Digest], Checklist] | None = None

    def __call__(self, root: str, digest: Digest, read: Callable[[], Checklist]) -> Checklist:
        last = self._last
        if last is None or last[0] != (root, digest):
            self._last = last = ((root, digest), read())
        return last[1]


_loaded = _Loaded()


def _read(node: Node, digest: Digest) -> Checklist:
    try:
        size = node.store.size(digest)
        if size > MOST_BYTES:
            raise DamagedChecklist(f"it has {size:,} bytes")
        return Checklist.parse(node.store.read(digest))
    except HashstoreError as error:
        raise ChecklistError(
            f"The checklist {digest} cannot be had here: {error}. Bring it with: vasculum fetch {digest}"
        ) from error
    except DamagedChecklist as error:
        # Its bytes are what the digest says: fetching it again would bring the same.
        raise NoChecklist(f"{digest} is no checklist: {error} `vasculum checklist` makes one.") from error


def _asks(tree: Filter) -> bool:
    match tree:
        case And(parts) | Or(parts):
            return any(map(_asks, parts))
        case Not(part):
            return _asks(part)
        case Eq(field) | In(field):
            return field == FIELDS["taxon"]
    return False


def _by(tree: Filter, digest: Digest, checklist: Checklist) -> Filter:
    def one(value: str) -> Filter:
        field = FIELDS["taxon"]
        return Below(field, value, digest) if knows(checklist, value) else Eq(field, value)

    match tree:
        case And(parts):
            return And(tuple(_by(part, digest, checklist) for part in parts))
        case Or(parts):
            return Or(tuple(_by(part, digest, checklist) for part in parts))
        case Not(part):
            return Not(_by(part, digest, checklist))
        case Eq(field, value) if field == FIELDS["taxon"]:
            return one(value)
        case In(field, values) if field == FIELDS["taxon"]:
            return _in(values, one)
    return tree


def _in(values: tuple[str, ...], one: Callable[[str], Filter]) -> Filter:
    """Each taxon by the list; those that it does not know stay one condition."""
    parts = [one(value) for value in values]
    unknown = tuple(part.value for part in parts if isinstance(part, Eq))
    known = [part for part in parts if not isinstance(part, Eq)]
    return Or((*known, In(FIELDS["taxon"], unknown))) if unknown else Or(tuple(known))
