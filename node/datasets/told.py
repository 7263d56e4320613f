"""What is told of a version of a dataset, on the command line and over HTTP alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hashstore.errors import HashstoreError
from manifests.dataset.datasheet_read import read_datasheet
from manifests.dataset.recipe import Recipe
from manifests.filter import written
from node.compose import Node
from node.datasets.known import KnownDataset
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds import Slice
from provenance.statement.kinds.slice import read_slice


def dataset_fields(known: KnownDataset) -> dict[str, Any]:
    """A version as JSON: what its statement says."""
    made = known.version
    return {
        "dataset": known.digest.uri,
        "title": made.title,
        "version": made.number,
        "creators": [{"name": who.name, "givenName": who.given} for who in made.creators],
        "license": made.license,
        "publisher": made.publisher,
        "origin": known.origin,
        "made": made.made.isoformat(),
        "kind": made.kind.value,
        "metric": made.metric,
        "description": made.description,
        "keywords": list(made.keywords),
        "members": made.count,
        "slice": made.slice.uri,
        "manifest": made.manifest.uri,
        "manifestRoot": made.manifest_root.uri,
        "datasheet": made.datasheet.uri,
        "labels": made.recipe.labels.uri if made.recipe.labels else None,
        "previous": made.previous.uri if made.previous else None,
        "isVersionOf": made.family,
        "unknownLicensesAllowed": made.unknown_licenses,
        "changes": None if made.changes is None else _changes(known),
    }


def _changes(known: KnownDataset) -> dict[str, int]:
    changes = known.version.changes
    assert changes is not None
    return {
        "added": changes.added,
        "removed": changes.removed,
        "changed": changes.changed,
        "withdrawn": changes.withdrawn,
    }


def datasheet_of(node: Node, known: KnownDataset) -> Mapping[str, Any] | None:
    """The datasheet as JSON; None if it is not here.

    Raises:
        DamagedManifest: whoever signed the version named something else as its datasheet.
    """
    try:
        data = node.store.read(known.version.datasheet)
    except HashstoreError:
        return None
    return read_datasheet(data)


def slice_of(node: Node, known: KnownDataset) -> Slice | None:
    """The slice that a version was made of; None if it is not here."""
    try:
        return read_slice(parse_statement(node.store.read(known.version.slice)))
    except (HashstoreError, ProvenanceError):
        return None


def made_of(node: Node, known: KnownDataset) -> list[str]:
    """In words: the filter, the logs, and what the recipe did."""
    lines = []
    if (chosen := slice_of(node, known)) is not None:
        lines.append(f"filter {written(chosen.filter)}")
        lines += [f"log {log.origin} with {log.size} entries, {log.root.hex}" for log in chosen.state]
    return lines + recipe_words(known.version.recipe)


def recipe_words(recipe: Recipe) -> list[str]:
    """In words: what a recipe does."""
    lines = []
    if recipe.label_by is not None:
        lines.append(f"labels by the column {recipe.label_by}")
    if recipe.labels is not None:
        lines.append(f"labels from {recipe.labels}")
    if recipe.only_labelled:
        lines.append("only images with a label")
    if recipe.segments_of is not None:
        lines.append(f"only segments of the class {recipe.segments_of}")
    if recipe.smallest is not None or recipe.largest is not None:
        least, most = recipe.smallest or 0, recipe.largest
        lines.append(
            f"only images of {least:,} to {f'{most:,}' if most is not None else 'any number of'} bytes"
        )
    if recipe.shortest_side is not None:
        lines.append(f"only images of {recipe.shortest_side:,} pixels or more on the shorter side")
    if (split := recipe.split) is not None:
        how = "stratified by label, " if split.stratified else ""
        lines.append(f"split {split.text} by the seed {split.seed!r}, {how}grouped by {split.group_by.value}")
    if recipe.left_out is not None:
        lines.append(f"without the withdrawn images that {recipe.left_out} lists")
    return lines
