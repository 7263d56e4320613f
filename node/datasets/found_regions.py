"""Regions as analyzers and people found them, written down as the labels file of a dataset.

A version names its labels file by digest. So what was found is fixed with it, and whoever makes the version
again needs neither the findings nor the programs that made them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

import duckdb

from analyzers.errors import MalformedRegion
from analyzers.region import Box, Mask, Polygon, Region, parse_region
from hashstore.digest import Digest
from manifests.dataset.labels import LARGEST, LONGEST_LABEL
from manifests.errors import LabelsRefused
from manifests.filter import Filter
from manifests.filter.comparing import folded
from manifests.filter.findings import CLASSES
from manifests.members import MemberList
from node.checklists.use import resolved
from node.compose import Node
from node.index import Index
from node.index.database import unusable
from node.slices.found_rows import found_regions
from node.slices.known import KnownSlice, members_of
from node.slices.members import resolve_members
from node.slices.run import HIDDEN, among
from node.slices.state import extents, present_state
from provenance.statement.kinds import LogState

_HEAD: Final = ("digest", "label", "x", "y", "width", "height", "polygon")
_Line = tuple[str, ...]


def labels_of_filter(
    node: Node, index: Index, asked: Filter, tree: Filter, origins: Sequence[str] = ()
) -> bytes:
    """A labels file (spec/datasets.md) of what was found in images: a line for each finding that has a place.

    Args:
        node: The node.
        index: Its open index.
        asked: What has to hold of a finding, by fields of findings only.
        tree: Which images.
        origins: Of which logs; without any, of all that are here and sound.

    Raises:
        LabelsRefused: nothing that was found has a place there, or it is too much for one file.
        SliceError: rows are missing.
        IndexUnusable: the database refuses.
    """
    state = present_state(node, index, origins)
    members = resolve_members(index, resolved(node, tree), extents(node, index, state))
    return _labels(node, index, asked, state, members)


def labels_of_slice(node: Node, index: Index, asked: Filter, known: KnownSlice) -> bytes:
    """Likewise, of the images of a slice, as was found in them when it was made.

    Raises:
        LabelsRefused, SliceError, IndexUnusable: as `labels_of_filter`.
    """
    return _labels(node, index, asked, known.slice.state, members_of(node, index, known))


def _labels(
    node: Node, index: Index, asked: Filter, state: tuple[LogState, ...], members: MemberList
) -> bytes:
    shown = frozenset(members) - among(index, HIDDEN, members)
    try:
        rows = found_regions(index, asked, extents(node, index, state))
        lines = {line for row in rows if (line := _line(row, shown)) is not None}
    except duckdb.Error as error:
        raise unusable(index.path, error) from error
    if not lines:
        raise LabelsRefused(
            "Nothing of this was found at a place in these images. `vasculum analyze sheet-segments` looks "
            "for labels, rulers and more; `vasculum search FILTER --facet finding` counts what there is."
        )
    return _written(sorted(lines))


def _line(row: Mapping[str, Any], shown: Container[Digest]) -> _Line | None:
    digest, kind = Digest(row["digest"]), row["kind"]
    label = ((row["text"] if folded(kind) in CLASSES else kind) or "").strip(" ")
    if digest not in shown or not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        return None
    try:
        where = _where(parse_region(row["region"]))
    except MalformedRegion:  # of a log that nobody checked when it came in
        return None
    return None if where is None else (digest.uri, label, *where)


def _where(region: Region) -> tuple[str, ...] | None:
    """The cells of a region; a mask is told by its rectangle, and what encloses nothing or all is no part."""
    match region:
        case Box(x, y, width, height) | Mask(Box(x, y, width, height)):
            return (str(x), str(y), str(width), str(height), "")
        case Polygon(points):
            return ("", "", "", "", " ".join(f"{x} {y}" for x, y in points))
    return None


def _written(lines: list[_Line]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([_HEAD, *lines])
    data = text.getvalue().encode()
    if len(data) > LARGEST:
        raise LabelsRefused(
            f"What was found makes a labels file of {len(data):,} bytes, and {LARGEST:,} is the most. Ask "
            "for less: --found 'has:label AND confidence>=0.8'."
        )
    return data
