"""The labels file of a dataset that a command makes: out of a file, or of what was found in the images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli.filtering import filter_of
from node.compose import Node

if TYPE_CHECKING:
    from manifests.filter import Filter
    from node.datasets.known import KnownDataset


def labels_in(file: Path | None) -> bytes | None:
    """What a file holds; None if none was named.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return None if file is None else file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from error


def asked_of_parts(file: Path | None, found: str | None, segments_of: str | None) -> Filter | None:
    """What parts are to be taken of what was found; None if that is not asked for.

    Raises:
        UsageError: a file is named, too.
        FilterRefused: it is no filter of findings.
    """
    if file is not None and found is not None:
        raise click.UsageError(
            "Parts come from a labels file or as they were found: give --labels or --found."
        )
    if file is not None or (found is None and segments_of is None):
        return None
    from manifests.errors import FilterRefused
    from manifests.filter import OneFinding, read_filter

    tree = read_filter(f"finding({'ALL' if found is None else filter_of(found)})")
    if not isinstance(tree, OneFinding):
        raise FilterRefused("--found", "its parentheses do not go together")
    return tree.part


def labels_of_new(
    node: Node, asked: Filter, tree: Filter, identifier: str | None, origins: tuple[str, ...]
) -> bytes:
    """The labels file for the images of a slice, or of a filter."""
    from node.datasets.found_regions import labels_of_filter, labels_of_slice
    from node.slices.known import find_slice

    with node.index() as index:
        if identifier is not None:
            return labels_of_slice(node, index, asked, find_slice(node, index, identifier))
        return labels_of_filter(node, index, asked, tree, origins)


def labels_of_next(node: Node, asked: Filter, known: KnownDataset) -> bytes:
    """The labels file for the next version of a dataset."""
    from node.datasets.found_regions import labels_of_filter
    from node.slices.known import slice_at

    with node.index() as index:
        chosen = slice_at(node, index, known.version.slice).slice
        origins = [log.origin for log in chosen.state]
        return labels_of_filter(node, index, asked, chosen.filter, origins)
