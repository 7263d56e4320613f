"""What the log says, read straight from log and segments: an index may be stale or damaged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow.parquet as pq

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from manifests.segment import Segment, check_segment
from node.compose import Node
from node.verify.fault import NodeFault
from provenance.errors import ProvenanceError
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import Statement, parse_statement, segments_of, verify_statement
from provenance.statement.kinds.withdrawal import read_decision


@dataclass(slots=True)
class Claims:
    """What the leaves of a log name.

    Attributes:
        statements: Statement leaves with their log index.
        segments: Segment leaves with their log index.
        roles: What each statement and segment is, in words.
        fault: Why the log could not be read to its end, if it could not.
        deleted: What the operator's own decisions name as deleted.
    """

    node: Node
    statements: list[tuple[int, StatementLeaf]] = field(default_factory=list)
    segments: list[tuple[int, SegmentLeaf]] = field(default_factory=list)
    roles: dict[Digest, str] = field(default_factory=dict)
    fault: NodeFault | None = None
    deleted: set[Digest] = field(default_factory=set)

    @property
    def expected(self) -> Iterator[Digest]:
        """Every blob that the node should hold: statements, segments, and what captures brought.

        What its operator decided to delete after a withdrawal is missed by nobody.
        """
        yield from (digest for digest in self.roles if digest not in self.deleted)
        seen = set(self.deleted)
        for _, leaf in self.segments:
            if leaf.table == "capture":
                yield from _captured(self.node, leaf, seen)


def named_by_log(node: Node) -> Claims:
    """Read every leaf."""
    claims = Claims(node)
    try:
        for index, raw in enumerate(node.reader.leaves()):
            leaf = decode_leaf(raw)
            if isinstance(leaf, StatementLeaf):
                claims.statements.append((index, leaf))
                claims.roles[leaf.statement] = f"the statement of log entry {index}"
                claims.deleted.update(_deleted_by(node, leaf.statement))
            elif isinstance(leaf, SegmentLeaf):
                claims.segments.append((index, leaf))
                claims.roles[leaf.segment] = f"the {leaf.table} segment of log entry {index}"
    except ProvenanceError as error:
        claims.fault = NodeFault("log", "bad", "log", f"The log cannot be read: {error}")
    return claims


def _deleted_by(node: Node, digest: Digest) -> tuple[Digest, ...]:
    """What a decision on a withdrawal deleted; a damaged statement is told of by its own hash."""
    try:
        statement = parse_statement(node.store.read(digest))
        return read_decision(statement).deleted if statement.kind == "WithdrawalDecision" else ()
    except (ProvenanceError, HashstoreError):
        return ()


def _captured(node: Node, leaf: SegmentLeaf, seen: set[Digest]) -> Iterator[Digest]:
    """Digests of a capture segment; a damaged segment is told of by its own hash."""
    try:
        with pq.ParquetFile(node.store.path(leaf.segment)) as file:
            for batch in file.iter_batches(columns=["digest"]):
                for raw in batch.column(0).to_pylist():
                    if raw is not None and (digest := Digest(raw)) not in seen:
                        seen.add(digest)
                        yield digest
    except Exception:
        # Whatever a damaged Parquet file makes its reader raise: the hash has named the file already.
        return


def check_claims(node: Node, claims: Claims, damaged: set[Digest]) -> Iterator[NodeFault]:
    """Check every statement and segment that is not damaged: right bytes can still say wrong things."""
    entered: defaultdict[Digest, list[Digest]] = defaultdict(list)
    for _, entry in claims.segments:
        entered[entry.statement].append(entry.segment)
    yield from _check_following(claims)
    listed: dict[Digest, dict[Digest, Segment]] = {}
    for index, leaf in claims.statements:
        if leaf.statement in damaged:
            continue
        try:
            statement = parse_statement(node.store.read(leaf.statement))
            _check_signer(node, statement)
            segments = segments_of(statement)
            listed[leaf.statement] = {segment.digest: segment for segment in segments}
            if claims.fault is None:
                yield from _check_complete(index, leaf.statement, segments, entered[leaf.statement])
        except (ProvenanceError, HashstoreError) as error:
            yield NodeFault("statement", "bad", f"log entry {index}", str(error), leaf.statement)
    for index, segment in claims.segments:
        gone = segment.segment in claims.deleted and not node.store.contains(segment.segment)
        if segment.segment not in damaged and not gone:
            yield from _check_segment(node, index, segment, listed)


def _check_following(claims: Claims) -> Iterator[NodeFault]:
    """A segment counts by the signed statement that lists it: without that, nobody vouches for it."""
    signed = {leaf.statement for _, leaf in claims.statements}
    for index, leaf in claims.segments:
        if leaf.statement not in signed:
            message = (
                f"Log entry {index} names a segment of the statement {leaf.statement}, which no entry names."
            )
            yield NodeFault("segment", "bad", f"log entry {index}", message, leaf.segment)


def _check_complete(
    index: int, statement: Digest, segments: tuple[Segment, ...], entered: list[Digest]
) -> Iterator[NodeFault]:
    """Each segment that a statement lists has one entry: fewer would hide rows, more count them twice."""
    if sorted(entered) != sorted(segment.digest for segment in segments):
        message = (
            f"The statement {statement} of log entry {index} lists {len(segments)} segments, "
            f"and the log has {len(entered)} entries for it, or others."
        )
        yield NodeFault("statement", "bad", f"log entry {index}", message, statement)


def _check_signer(node: Node, statement: Statement) -> None:
    for verified in verify_statement(statement):
        if verified.did != node.identity_public.did:
            raise ProvenanceError(
                f"The statement is signed by {verified.did}, not by this node ({node.identity_public.did})."
            )


def _check_segment(
    node: Node, index: int, leaf: SegmentLeaf, listed: dict[Digest, dict[Digest, Segment]]
) -> Iterator[NodeFault]:
    claimed = Segment(leaf.segment, leaf.table, leaf.schema, leaf.rows, leaf.rows_root, leaf.access)
    said = listed.get(leaf.statement)
    if said is not None and said.get(leaf.segment) != claimed:
        message = f"Log entry {index} and its statement {leaf.statement} describe the segment differently."
        yield NodeFault("segment", "bad", f"log entry {index}", message, leaf.segment)
    try:
        check_segment(node.store.path(leaf.segment), claimed)
    except ManifestError as error:
        yield NodeFault("segment", "bad", f"log entry {index}", str(error), leaf.segment)
