"""The next version of a dataset: the same filter and recipe on the logs as they stand now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from manifests.dataset.comparison import Comparison
from node.compose import Node
from node.datasets.create import After, Draft, Order, draft_of_filter, sign
from node.datasets.known import KnownDataset, members_of_dataset, versions_of
from node.errors import DatasetError
from node.index import Index
from node.slices.known import slice_at
from node.slices.run import HIDDEN, among
from provenance.statement.kinds import Changes, DatasetVersion

Wishes = Callable[[Order], Order]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of a refresh.

    Attributes:
        old: The version before.
        draft: What the logs say now.
        changes: What is other.
        new: The version that was signed; None if nothing is other.
    """

    old: KnownDataset
    draft: Draft
    changes: Changes
    new: KnownDataset | None


def refresh(node: Node, known: KnownDataset, wishes: Wishes, *, try_only: bool = False) -> Refreshed:
    """Make the next version, if it is another.

    Args:
        node: The node; the caller holds its writer lock unless it only tries.
        known: The newest version, an own one.
        wishes: Changes what was wanted before into what is wanted now.
        try_only: Sign nothing.

    Raises:
        DatasetError: it is not this node's, or not the newest.
        SliceError, RecipeRefused, LabelsRefused, LicencesRefused: it cannot be made.
    """
    with node.index() as index:
        _check(node, index, known)
        chosen = slice_at(node, index, known.version.slice).slice
        order = wishes(_order(node, known.version))
        after = After(known, Comparison(members_of_dataset(node, known)))
        origins = [log.origin for log in chosen.state]
        draft = draft_of_filter(node, index, order, chosen.filter, origins, after)
        changes = _changes(index, after.comparison)
    same = draft.made.manifest == known.version.manifest and _order(node, known.version) == _kept(draft)
    if same or try_only:
        node.store.discard(draft.sealed)
        return Refreshed(known, draft, changes, None)
    return Refreshed(known, draft, changes, sign(node, draft, known, changes))


def _check(node: Node, index: Index, known: KnownDataset) -> None:
    if not known.is_own:
        raise DatasetError(
            f"{known.version.title!r} was made by {known.version.publisher}, whose next version is theirs to "
            "make. Make a dataset of your own of its slice: vasculum dataset create --slice "
            f"{known.version.slice.hex[:12]}"
        )
    newest = versions_of(node, index, known)[0]
    if newest.digest != known.digest:
        raise DatasetError(
            f"The newest version of {known.version.title!r} is {newest.version.number}, {newest.digest}: "
            "refresh that one."
        )


def _order(node: Node, version: DatasetVersion) -> Order:
    recipe = version.recipe
    return Order(
        title=version.title,
        creators=version.creators,
        license=version.license,
        description=version.description,
        keywords=version.keywords,
        kind=version.kind,
        metric=version.metric,
        recipe=replace(recipe, left_out=None),
        labels=node.store.read(recipe.labels) if recipe.labels else None,
        allow_unknown=version.unknown_licenses,
    )


def _kept(draft: Draft) -> Order:
    return replace(draft.order, recipe=replace(draft.order.recipe, left_out=None))


def _changes(index: Index, found: Comparison) -> Changes:
    withdrawn = len(among(index, HIDDEN, found.removed))
    return Changes(found.added, len(found.removed) - withdrawn, found.changed, withdrawn)
