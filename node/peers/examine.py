"""Whether what a followed log names counts: statements by their signatures, segments by their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crawlers.box import Box, BoxError
from crawlers.errors import CrawlerError
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.errors import ManifestError, UnknownSchema
from manifests.segment import Segment, check_segment
from manifests.segment.parquet import SegmentFile
from node.peers.box import examining_box
from provenance.errors import ProvenanceError, RdfTimeout
from provenance.log.leaf import SegmentLeaf, decode_leaf
from provenance.statement import Statement, parse_statement, segments_of, verify_statement
from provenance.statement.proofs import Canonicalise


def examine_statement(raw: bytes, canonical_rdf: Canonicalise) -> Statement | str:
    """Read a statement of a followed log.

    Args:
        raw: Its bytes, which have the digest that the leaf names.
        canonical_rdf: How its RDF is read, within limits.

    Returns:
        The statement, whose proofs all hold, whoever signed it; or why it does not count.
    """
    try:
        statement = parse_statement(raw)
        verify_statement(statement, canonical_rdf)
        segments_of(statement)
    except RdfTimeout as error:
        return f"it cannot be read within limits: {error}"
    except ProvenanceError as error:
        return f"it does not hold: {error}"
    return statement


def examine_segments(
    path: Callable[[Digest], Path], segments: Mapping[int, SegmentLeaf], ready: Box | None = None
) -> dict[int, str]:
    """Recompute schema, count and root of segments, in a box.

    Args:
        path: Where a blob lies.
        segments: Leaves by log index; their segments are here under their digests.
        ready: A box that was made ready for it and is asked first; one is made where there is none.

    Returns:
        Those that do not count, each with the reason.
    """
    if not segments:
        return {}
    order: list[Json] = [
        {"path": str(path(leaf.segment)), "leaf": leaf.encode().decode()} for leaf in segments.values()
    ]
    try:
        with ready or examining_box() as box:
            found = box.run({"segments": order})
    except CrawlerError as error:
        if len(segments) == 1:
            return dict.fromkeys(segments, f"it cannot be read within limits: {error}")
        # One of them went over the limits: which, tells a box for each.
        parts = (examine_segments(path, {index: leaf}) for index, leaf in segments.items())
        return {index: reason for part in parts for index, reason in part.items()}
    if not isinstance(found, Sequence) or len(found) != len(segments):
        raise BoxError("the process that read segments sent back no result")
    return {index: str(reason) for index, reason in zip(segments, found, strict=True) if reason is not None}


def examined(segments: list[dict[str, str]]) -> list[str | None]:
    """What runs in the box: for each segment the reason against it, or None."""
    reasons = []
    for order in segments:
        leaf = decode_leaf(order["leaf"].encode())
        assert isinstance(leaf, SegmentLeaf)
        fault = rows_fault(Path(order["path"]), leaf)
        # Where it lies here is nobody else's business: the reason is shown to whoever asks.
        reasons.append(fault and fault.replace(order["path"], "the segment"))
    return reasons


def rows_fault(file: SegmentFile, leaf: SegmentLeaf) -> str | None:
    """Why a file's rows are not those that a leaf fixes; None if they are. Foreign files belong in a box."""
    try:
        check_segment(file, described_by(leaf))
    except UnknownSchema:
        return None  # a later version's table: kept and relayed, its rows are for that version to read
    except ManifestError as error:
        return str(error)
    return None


def described_by(leaf: SegmentLeaf) -> Segment:
    """The segment as a leaf describes it."""
    return Segment(leaf.segment, leaf.table, leaf.schema, leaf.rows, leaf.rows_root, leaf.access)
