"""Whether what a followed log names counts: statements by their signatures, segments by their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analyzers.errors import BadOutput
from crawlers.box import Box, BoxError
from crawlers.errors import CrawlerError
from hashstore.canonical import Json
from hashstore.digest import Digest
from manifests.errors import CannotRead, ManifestError, UnknownSchema
from manifests.segment import Segment, check_segment, segment_batches
from manifests.segment.parquet import SegmentFile
from manifests.tables import schema_by_digest
from node.errors import CannotExamine
from node.peers.box import examining_box
from provenance.errors import ProvenanceError, RdfTimeout
from provenance.log.leaf import SegmentLeaf, decode_leaf
from provenance.statement import Statement, parse_statement, segments_of, verify_statement
from provenance.statement.proofs import Canonicalise

_REFUSED, _UNREAD = "refused", "unread"


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of examining segments, by log index; one that is in neither counts.

    Attributes:
        refused: Those that are proved bad, by anybody and for ever, with the reasons.
        unread: Those that this machine could not examine now, and why. Nothing is said against them.
    """

    refused: Mapping[int, str]
    unread: Mapping[int, str]


def examine_statement(raw: bytes, canonical_rdf: Canonicalise) -> Statement | str:
    """Read a statement of a followed log.

    Args:
        raw: Its bytes, which have the digest that the leaf names.
        canonical_rdf: How its RDF is read, within limits.

    Returns:
        The statement, whose proofs all hold, whoever signed it; or why it does not count.

    Raises:
        CannotExamine: the limits did not suffice, here and now.
    """
    try:
        statement = parse_statement(raw)
        verify_statement(statement, canonical_rdf)
        segments_of(statement)
    except RdfTimeout as error:
        raise CannotExamine(str(error)) from error
    except ProvenanceError as error:
        return f"it does not hold: {error}"
    return statement


def examine_segments(
    path: Callable[[Digest], Path], segments: Mapping[int, SegmentLeaf], ready: Box | None = None
) -> Judged:
    """Recompute schema, count and root of segments, in a box.

    Only what the box has read to its end is judged: what it had not the time or memory for, or what ended
    it, may be sound, and another follower may have found it so.

    Args:
        path: Where a blob lies.
        segments: Leaves by log index; their segments are here under their digests.
        ready: A box that was made ready for it and is asked first; one is made where there is none.
    """
    if not segments:
        return Judged({}, {})
    order: list[Json] = [
        {"path": str(path(leaf.segment)), "leaf": leaf.encode().decode()} for leaf in segments.values()
    ]
    try:
        with ready or examining_box() as box:
            found = box.run({"segments": order})
    except CrawlerError as error:
        if len(segments) == 1:
            return Judged({}, dict.fromkeys(segments, str(error)))
        # One of them went over the limits: which, tells a box for each.
        parts = [examine_segments(path, {index: leaf}) for index, leaf in segments.items()]
        return Judged(
            {index: reason for part in parts for index, reason in part.refused.items()},
            {index: reason for part in parts for index, reason in part.unread.items()},
        )
    return _judged(segments, found)


def _judged(segments: Mapping[int, SegmentLeaf], found: Json) -> Judged:
    """What a box said: for each segment nothing, or a word of what it is and the reason."""
    if not isinstance(found, Sequence) or len(found) != len(segments):
        raise BoxError("the process that read segments sent back no result")
    told: dict[str, dict[int, str]] = {_REFUSED: {}, _UNREAD: {}}
    for index, said in zip(segments, found, strict=True):
        if isinstance(said, Mapping):
            told[str(said["kind"])][index] = str(said["reason"])
    return Judged(told[_REFUSED], told[_UNREAD])


def examined(segments: list[dict[str, str]]) -> list[dict[str, str] | None]:
    """What runs in the box: for each segment what is to be said of it, or None."""
    return [_said(Path(order["path"]), order["leaf"].encode()) for order in segments]


def _said(path: Path, raw: bytes) -> dict[str, str] | None:
    leaf = decode_leaf(raw)
    assert isinstance(leaf, SegmentLeaf)
    try:
        kind, reason = _REFUSED, rows_fault(path, leaf)
    except CannotRead as error:
        kind, reason = _UNREAD, str(error)
    if reason is None:
        return None
    if kind == _REFUSED and _digest_of(path) != leaf.segment:
        kind, reason = _UNREAD, "the bytes that lie here have changed since they came"
    # Where it lies here is nobody else's business: the reason is shown to whoever asks.
    return {"kind": kind, "reason": reason.replace(str(path), "the segment")}


def _digest_of(path: Path) -> Digest:
    with path.open("rb") as file:
        return Digest(hashlib.file_digest(file, "sha256").digest())


def rows_fault(file: SegmentFile, leaf: SegmentLeaf) -> str | None:
    """Why a file's rows are not those that a leaf fixes; None if they are. Foreign files belong in a box.

    Raises:
        CannotRead: this machine could not read it to its end.
    """
    try:
        check_segment(file, described_by(leaf))
        _check_said(file, leaf)
    except UnknownSchema:
        return None  # a later version's table: kept and relayed, its rows are for that version to read
    except CannotRead:
        raise
    except (ManifestError, BadOutput) as error:
        return str(error)
    return None


def _check_said(file: SegmentFile, leaf: SegmentLeaf) -> None:
    """Rows of analyses are shown, searched and compared by their forms: they have to have them."""
    if leaf.table in ("analysis", "finding"):
        from analyzers.rows import check_rows

        for batch in segment_batches(file, schema_by_digest(leaf.schema)):
            check_rows(leaf.table, batch)


def described_by(leaf: SegmentLeaf) -> Segment:
    """The segment as a leaf describes it."""
    return Segment(leaf.segment, leaf.table, leaf.schema, leaf.rows, leaf.rows_root, leaf.access)
