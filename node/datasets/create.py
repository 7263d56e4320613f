"""Make a version of a dataset: choose, count, hold the licences together, and only then sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.citing import Creator
from manifests.dataset.comparison import Comparison
from manifests.dataset.description import DatasetKind
from manifests.dataset.licences import LicenceReport
from manifests.dataset.recipe import Recipe
from manifests.errors import ManifestError, RecipeRefused
from manifests.filter import Filter
from manifests.members import MemberList
from node.compose import Node
from node.datasets.compose import Made, Material, material, staged_manifest
from node.datasets.known import KnownDataset
from node.errors import DatasetError
from node.index import OWN_LOG, Index
from node.publish import append, signed, staged
from node.slices.create import draft_slice
from node.slices.known import KnownSlice, members_of
from node.slices.run import HIDDEN, among
from provenance.statement import Statement, new_statement_id
from provenance.statement.kinds import Changes, DatasetVersion, Slice


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants of a dataset.

    Attributes:
        title: What it is called.
        creators: Who put it together; the institution if nobody is named.
        license: SPDX identifier of the licence of the whole.
        description: What it is, in words.
        keywords: Words to find it by.
        kind: What it is for.
        metric: How methods are compared on it.
        recipe: What is made of the slice.
        labels: The labels file, where the recipe takes labels from one.
        allow_unknown: Whether members of unknown licence are taken knowingly.
    """

    title: str
    creators: tuple[Creator, ...]
    license: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    kind: DatasetKind = DatasetKind.CORPUS
    metric: str | None = None
    recipe: Recipe = field(default_factory=Recipe)
    labels: bytes | None = None
    allow_unknown: bool = False

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            RecipeRefused: naming what is missing.
        """
        if not self.title.strip():
            raise RecipeRefused("it needs a title")
        if self.kind is DatasetKind.BENCHMARK and not (
            self.recipe.has_labels and self.recipe.split and self.metric
        ):
            raise RecipeRefused("a benchmark needs labels, a split and a metric")
        if self.kind is not DatasetKind.BENCHMARK and self.metric:
            raise RecipeRefused("only a benchmark has a metric")


@dataclass(frozen=True, slots=True)
class After:
    """The version that a new one comes after.

    Attributes:
        known: That version.
        comparison: What the new one has other than it, as it passes.
    """

    known: KnownDataset
    comparison: Comparison


@dataclass(slots=True)
class Draft:
    """A version that is not signed yet.

    Attributes:
        order: What was wanted, with the recipe as it is kept.
        slice: What it was made of.
        slice_digest: The statement of that slice; None if it is to be signed, too.
        made: What came of it.
        sealed: What waits in the store; discard it if the draft is not signed.
        left_out: How many members of the slice are hidden here, and so are not in it.
    """

    order: Order
    slice: Slice
    slice_digest: Digest | None
    made: Made
    sealed: list[Sealed]
    left_out: int

    @property
    def report(self) -> LicenceReport:
        """Its licences."""
        return self.made.report


def draft_of_filter(
    node: Node,
    index: Index,
    order: Order,
    tree: Filter,
    origins: Sequence[str] = (),
    after: After | None = None,
) -> Draft:
    """Resolve a filter now, and make of it what is wanted; nothing is signed.

    Args:
        node: The node.
        index: Its open index.
        order: What is wanted.
        tree: Which images.
        origins: Of which logs; without any, of all that are here and sound.
        after: The version that it will come after.

    Raises:
        SliceError, RecipeRefused, LabelsRefused, IndexUnusable: it cannot be made.
    """
    previous = after.known.version.slice if after else None
    chosen, members = draft_slice(node, index, order.title, tree, origins, previous)
    draft = _draft(node, index, order, chosen, members, after)
    draft.sealed.append(staged(node, members.data))
    return draft


def draft_of_slice(node: Node, index: Index, order: Order, known: KnownSlice) -> Draft:
    """Make of a slice that is in a log what is wanted; nothing is signed.

    Raises:
        SliceError, RecipeRefused, LabelsRefused, IndexUnusable: it cannot be made.
    """
    draft = _draft(node, index, order, known.slice, members_of(node, index, known))
    draft.slice_digest = known.digest
    return draft


def _draft(
    node: Node, index: Index, order: Order, chosen: Slice, members: MemberList, after: After | None = None
) -> Draft:
    order.check()
    with material(node, index, chosen.filter, chosen.state, order.recipe, order.labels) as found:
        hidden = _hidden(index, found, members)
        recipe = replace(order.recipe, left_out=Digest.of(hidden.data)) if hidden else order.recipe
        stream = found.chosen(hidden)
        if after is not None:
            stream = after.comparison.watch(stream)
        manifest, made = staged_manifest(node, stream, order.license, recipe)
    further = [made.datasheet, *([order.labels] if order.labels is not None else [])]
    further += [hidden.data] if hidden else []
    sealed = [manifest, *(staged(node, data) for data in further)]
    return Draft(replace(order, recipe=recipe), chosen, None, made, sealed, len(hidden))


def _hidden(index: Index, found: Material, members: MemberList) -> MemberList:
    """What is withdrawn or withheld here although the slice names it, since others publish it."""
    return MemberList.of({*found.resolved.hidden(), *among(index, HIDDEN, members)})


def sign(
    node: Node, draft: Draft, previous: KnownDataset | None = None, changes: Changes | None = None
) -> KnownDataset:
    """Put a version into the log, with its slice if that is new: both or neither.

    Args:
        node: The node; the caller holds its writer lock.
        draft: What is to be signed.
        previous: The version that it comes after.
        changes: What it has other than that.

    Raises:
        LicencesRefused: the licences do not go together.
        DatasetError: it has no members.
    """
    try:
        _check(draft)
    except (ManifestError, DatasetError):
        node.store.discard(draft.sealed)
        raise
    statements: list[Statement] = []
    if draft.slice_digest is None:
        # A draft needs no private key, and the public one may have changed since.
        statements.append(signed(node, replace(draft.slice, agent=node.identity.public).document()))
    slice_digest = draft.slice_digest or statements[0].digest
    version = _version(node, draft, slice_digest, previous, changes)
    statements.append(signed(node, version.document()))
    append(node, statements, draft.sealed)
    return KnownDataset(
        statements[-1].digest, version, node.log_key.name, OWN_LOG, node.reader.head().size - 1
    )


def _check(draft: Draft) -> None:
    draft.report.check(allow_unknown=draft.order.allow_unknown)
    if draft.made.count == 0:
        raise DatasetError(
            "Nothing fits, so there is no dataset to make. Ask for more: another filter or recipe."
        )


def _version(
    node: Node,
    draft: Draft,
    slice_digest: Digest,
    previous: KnownDataset | None,
    changes: Changes | None,
) -> DatasetVersion:
    order, made, institution = draft.order, draft.made, node.config.identity.name
    return DatasetVersion(
        id=new_statement_id(),
        agent=node.identity.public,
        made=datetime.now(UTC).replace(microsecond=0),
        title=order.title,
        creators=order.creators or (Creator(institution),),
        license=order.license,
        publisher=institution,
        number=previous.version.number + 1 if previous else 1,
        dataset=previous.version.family if previous else None,
        previous=previous.digest if previous else None,
        slice=slice_digest,
        recipe=order.recipe,
        manifest=made.manifest,
        manifest_root=made.root,
        count=made.count,
        datasheet=Digest.of(made.datasheet),
        description=order.description,
        keywords=order.keywords,
        kind=order.kind,
        metric=order.metric,
        unknown_licenses=order.allow_unknown,
        changes=changes,
    )
