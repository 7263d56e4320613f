"""What a thing names, one step further: a statement its segments and archives, a segment the bytes captured.

It is read out of the bytes themselves, so that it works on a node that follows nobody and has an empty index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crawlers.box import Box
from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.dataset.manifest import lines_of, members_in, read_manifest
from manifests.errors import ManifestError
from manifests.members import MemberList
from manifests.segment import Segment
from node.peers.examine import examine_segments
from node.storage import NodeStore
from provenance.errors import ProvenanceError
from provenance.log.leaf import SegmentLeaf
from provenance.statement import Statement, parse_statement, segments_of
from provenance.statement.kinds.bundle import read_bundle_submission
from provenance.statement.kinds.dataset_version import read_dataset_version
from provenance.statement.kinds.slice import read_slice
from provenance.statement.profile import LARGEST_STATEMENT


@dataclass(frozen=True, slots=True)
class Wanted:
    """Bytes to be fetched.

    Attributes:
        digest: Which.
        url: Where they were published, if that is known.
    """

    digest: Digest
    url: str | None = None


def statement_at(store: NodeStore, digest: Digest) -> Statement | None:
    """The blob as a statement; None if it is none."""
    if not store.contains(digest) or store.size(digest) > LARGEST_STATEMENT:
        return None
    raw = store.read(digest)
    if not raw.startswith(b"{"):
        return None
    try:
        return parse_statement(raw)
    except ProvenanceError:
        return None


def named_by(statement: Statement) -> Iterator[Wanted]:
    """The public segments that a statement lists, lists of members and manifests, and what a crawl used."""
    if isinstance(members := statement.document.get("memberList"), str):
        yield Wanted(Digest.parse(members))
    if "BundleSubmission" in statement.types:
        submission = read_bundle_submission(statement)
        yield from (Wanted(digest) for digest in (submission.bundle, *submission.parts))
    if "DatasetVersion" in statement.types:
        version = read_dataset_version(statement)
        yield from (Wanted(digest) for digest in (version.slice, *version.blobs))
    for segment in segments_of(statement):
        if segment.access is AccessClass.PUBLIC:
            yield Wanted(segment.digest)
    for usage in _objects(statement.document.get("qualifiedUsage")):
        if isinstance(entity := usage.get("entity"), str) and entity.startswith("hash://sha256/"):
            url = usage.get("retrievedFrom")
            yield Wanted(Digest.parse(entity), url if isinstance(url, str) else None)


def captured_by(store: NodeStore, statement: Statement, ready: Box | None = None) -> Iterator[Wanted]:
    """What the capture segments of a statement say was received, or the members of a slice or a dataset.

    Segments are checked in a box first: in the one that stands ready, if there is one.

    Raises:
        ManifestError: a segment or a list of members does not hold.
    """
    if "Slice" in statement.types:
        yield from _members(store, statement)
    if "DatasetVersion" in statement.types:
        yield from _members_of_dataset(store, statement)
    segments = [s for s in segments_of(statement) if s.table == "capture" and s.access is AccessClass.PUBLIC]
    here = {place: _leaf(statement, s) for place, s in enumerate(segments) if store.contains(s.digest)}
    judged = examine_segments(store.path, here, ready)
    for place, reason in judged.refused.items():
        raise ManifestError(f"The segment {here[place].segment} does not hold: {reason}")
    for place, reason in judged.unread.items():
        raise ManifestError(f"The segment {here[place].segment} could not be examined now: {reason}")
    for leaf in here.values():
        yield from _captures(store.path(leaf.segment))


def _members(store: NodeStore, statement: Statement) -> Iterator[Wanted]:
    said = read_slice(statement)
    if store.contains(said.members):
        yield from (Wanted(digest) for digest in MemberList(store.read(said.members)))


def _members_of_dataset(store: NodeStore, statement: Statement) -> Iterator[Wanted]:
    manifest = read_dataset_version(statement).manifest
    if store.contains(manifest):
        with store.open(manifest) as lines:
            for member in members_in(read_manifest(lines_of(lines))):
                yield Wanted(member.digest)


def _captures(path: Path) -> Iterator[Wanted]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["digest", "url"]):
            for row in batch.to_pylist():
                if row["digest"] is not None:
                    yield Wanted(Digest(row["digest"]), row["url"])


def _leaf(statement: Statement, segment: Segment) -> SegmentLeaf:
    return SegmentLeaf(
        statement.digest, segment.digest, segment.table, segment.schema, segment.rows, segment.rows_root,
        segment.access,
    )  # fmt: skip


def _objects(value: Any) -> list[Mapping[str, Any]]:
    listed = value if isinstance(value, list | tuple) else [value]
    return [item for item in listed if isinstance(item, Mapping)]
