"""Manifests that must not be served whole any more, and what is served instead (spec/datasets.md)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.dataset.manifest import Entry, Hidden, hide, lines_of, read_manifest
from manifests.dataset.member import Member
from manifests.errors import ManifestError
from node.compose import Node
from node.datasets.known import KnownDataset, known_datasets, opened_manifest
from node.datasets.shown import hidden_members
from node.errors import DatasetError
from node.index import Index

_BATCH = 2_000
_ANYTHING: Final = """
SELECT (SELECT count(*) FROM capture WHERE access <> 'public') AS captures,
       (SELECT count(*) FROM media WHERE access <> 'public') AS media,
       (SELECT count(*) FROM specimen WHERE access <> 'public') AS specimens,
       (SELECT count(*) FROM withdrawn) AS notices
"""
# Manifests never change, and what hides their members does so seldom: each is read once for each such change.
_counted: dict[tuple[Path, Digest], tuple[tuple[int, ...], int | None]] = {}


def hidden_blobs(node: Node, index: Index) -> frozenset[Digest]:
    """Manifests, datasheets and labels files that tell of a member which was withdrawn or is withheld."""
    if not any(_state(index)):
        return frozenset()
    known = (one for one in known_datasets(node, index) if hidden_count(node, index, one))
    return frozenset(digest for one in known for digest in one.version.telling)


def hidden_count(node: Node, index: Index, known: KnownDataset) -> int | None:
    """How many members were withdrawn since, or are withheld here; None if the manifest is not here."""
    state = _state(index)
    if not any(state) and node.store.contains(known.version.manifest):
        return 0
    key = (node.layout.root, known.digest)
    if key not in _counted or _counted[key][0] != state or _counted[key][1] is None:
        _counted[key] = (state, _count(node, index, known))
    return _counted[key][1]


def _state(index: Index) -> tuple[int, ...]:
    return tuple(int(count) for count in (index.one(_ANYTHING) or {}).values())


def _count(node: Node, index: Index, known: KnownDataset) -> int | None:
    try:
        return sum(isinstance(entry, Hidden) for entry in shown_entries(node, index, known))
    except (DatasetError, HashstoreError, ManifestError):
        return None  # it is not here, or cannot be read: nothing to serve


def shown_entries(node: Node, index: Index, known: KnownDataset) -> Iterator[Entry]:
    """The entries of a manifest, in which leaf hashes stand for the members that may not be shown.

    Raises:
        DatasetError: the manifest is not here.
        DamagedManifest: a line of it does not hold.
    """
    with opened_manifest(node, known) as lines:
        entries = read_manifest(lines_of(lines))
        while batch := list(islice(entries, _BATCH)):
            hidden = hidden_members(index, [entry for entry in batch if isinstance(entry, Member)])
            for entry in batch:
                yield hide(entry) if isinstance(entry, Member) and entry.digest in hidden else entry
