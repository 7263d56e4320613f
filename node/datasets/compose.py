"""From a slice and a recipe to manifest and datasheet: the one way in which they are made and made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from hashstore.blobstore import Sealed
from hashstore.digest import Digest
from manifests.dataset.comparison import Comparison
from manifests.dataset.compose import Chosen, compose_members
from manifests.dataset.datasheet import Datasheet
from manifests.dataset.labels import LARGEST, Labelled, read_labels
from manifests.dataset.licences import LicenceReport
from manifests.dataset.manifest import ManifestRoot
from manifests.dataset.recipe import Recipe
from manifests.errors import LabelsRefused
from manifests.filter import Filter
from manifests.members import MemberList
from node.checklists.use import resolved as resolve_checklists
from node.compose import Node
from node.datasets.candidates import Resolved, resolved_candidates
from node.index import Index
from node.index.database import unusable
from node.slices.state import extents
from provenance.statement.kinds import DatasetVersion, LogState, Slice


@dataclass(frozen=True, slots=True)
class Material:
    """What a dataset is made of.

    Attributes:
        resolved: What the rows say.
        recipe: What is made of it; its `left_out` is not looked at.
        labels: What the labels file says.
    """

    resolved: Resolved
    recipe: Recipe
    labels: Mapping[Digest, Labelled]

    def chosen(self, left_out: Container[Digest] = ()) -> Iterator[Chosen]:
        """The members, in the order of digests."""
        return compose_members(self.resolved.candidates, self.recipe, self.labels, left_out)


@contextmanager
def material(
    node: Node, index: Index, tree: Filter, state: tuple[LogState, ...], recipe: Recipe, labels: bytes | None
) -> Iterator[Material]:
    """Ask the rows at a state of the logs what they say of the images that a filter names.

    Args:
        node: The node.
        index: Its open index.
        tree: The filter.
        state: The state.
        recipe: What will be made of it.
        labels: The labels file, where the recipe names one.

    Raises:
        SliceError: the logs are not here as far, or rows of them are missing.
        RecipeRefused: it asks for what there is not.
        LabelsRefused: the labels file cannot be read.
        IndexUnusable: the database refuses.
    """
    said = {} if labels is None else read_labels(labels)
    names = [log.origin for log in state]
    by_names = resolve_checklists(node, tree)
    try:
        with resolved_candidates(
            index, by_names, extents(node, index, state), names, recipe.label_by
        ) as resolved:
            yield Material(resolved, recipe, said)
    except duckdb.Error as error:
        raise unusable(index.path, error) from error


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a slice and a recipe.

    Attributes:
        manifest: Its digest.
        root: Over its lines.
        count: Of its lines.
        datasheet: The datasheet's bytes.
        report: The licences.
    """

    manifest: Digest
    root: Digest
    count: int
    datasheet: bytes
    report: LicenceReport


def write_manifest(
    chosen: Iterator[Chosen], whole: str, recipe: Recipe, write: Callable[[bytes], object]
) -> tuple[ManifestRoot, Datasheet, LicenceReport]:
    """Write the lines of a manifest, and count on the way.

    Args:
        chosen: The members.
        whole: SPDX identifier of the licence of the compilation.
        recipe: What was made of them.
        write: Takes each line.

    Raises:
        LicencesRefused: the licence of the compilation is not known.
    """
    tree, sheet = ManifestRoot(), Datasheet()
    for _, member in sheet.watch(chosen):
        line = member.line()
        tree.add_line(line)
        write(line)
    return tree, sheet, sheet.report(whole, parts=recipe.segments_of is not None)


def staged_manifest(node: Node, chosen: Iterator[Chosen], whole: str, recipe: Recipe) -> tuple[Sealed, Made]:
    """Write a manifest into the store, out of sight until it is committed."""
    with node.store.stage() as staging:
        tree, sheet, report = write_manifest(chosen, whole, recipe, staging.write)
        sealed = staging.seal()
    return sealed, Made(sealed.digest, tree.root, tree.count, sheet.data(report), report)


def made_again(
    node: Node, index: Index, wanted: Slice, version: DatasetVersion, comparison: Comparison
) -> tuple[Digest, Digest]:
    """Make manifest and datasheet of a version again out of the rows that are here.

    Args:
        node: The node.
        index: Its open index.
        wanted: The slice.
        version: What its statement says; the blobs that its recipe names must be here.
        comparison: Holds the members against those of the manifest that came.

    Returns:
        The digests of manifest and datasheet.

    Raises:
        BlobNotFound: the labels file or the list of what was left out is not here.
        SliceError, RecipeRefused, LabelsRefused, IndexUnusable: as `material`.
    """
    recipe, hashed = version.recipe, hashlib.sha256()
    labels = _labels(node, recipe.labels) if recipe.labels else None
    left_out = MemberList(node.store.read(recipe.left_out)) if recipe.left_out else ()
    with material(node, index, wanted.filter, wanted.state, recipe, labels) as found:
        stream = comparison.watch(found.chosen(left_out))
        _, sheet, report = write_manifest(stream, version.license, recipe, hashed.update)
    return Digest(hashed.digest()), Digest.of(sheet.data(report))


def _labels(node: Node, digest: Digest) -> bytes:
    if node.store.size(digest) > LARGEST:
        raise LabelsRefused(f"The labels file {digest} has more than {LARGEST:,} bytes.")
    return node.store.read(digest)
