"""What the log says, read straight from log and segments: an index may be stale or damaged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pyarrow.parquet as pq

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.access import AccessClass
from manifests.errors import ManifestError, UnknownSchema
from manifests.segment import Segment, check_segment
from node.compose import Node
from node.peers.model import FollowedLog
from node.verify.fault import NodeFault
from provenance.errors import ProvenanceError
from provenance.key_history import KeyHistory
from provenance.key_strangers import strangers
from provenance.keys import PublicKey
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf
from provenance.statement import Statement, parse_statement, segments_of, verify_statement
from provenance.statement.kinds.withdrawal import read_decision, read_withdrawal
from provenance.withdrawal import superseded


@dataclass(slots=True)
class Claims:
    """What the leaves of a log name.

    Attributes:
        node: The node.
        followed: The followed log whose leaves these are; None for the node's own.
        statements: Statement leaves with their log index.
        segments: Segment leaves with their log index.
        roles: What each statement and segment is, in words.
        fault: Why the log could not be read to its end, if it could not.
        gone: What was withdrawn and may therefore be missing.
    """

    node: Node
    followed: FollowedLog | None = None
    statements: list[tuple[int, StatementLeaf]] = field(default_factory=list)
    segments: list[tuple[int, SegmentLeaf]] = field(default_factory=list)
    roles: dict[Digest, str] = field(default_factory=dict)
    fault: NodeFault | None = None
    gone: set[Digest] = field(default_factory=set)

    @property
    def expected(self) -> Iterator[Digest]:
        """Every blob that the node should hold: statements, segments, and what its own captures brought.

        What was withdrawn may be gone, and is missed by nobody.
        """
        yield from (digest for digest in self.roles if digest not in self.gone)
        if self.followed is not None:
            return
        seen = set(self.gone)
        for _, leaf in self.segments:
            if leaf.table == "capture":
                yield from _captured(self.node, leaf, seen)

    @property
    def signer(self) -> PublicKey:
        """Who signs the statements of the log."""
        return self.node.identity_public if self.followed is None else self.followed.identity

    def place(self, index: int) -> str:
        """A log entry, in words."""
        return f"log entry {index}" + (f" of {self.followed.origin}" if self.followed else "")


def named_by_log(node: Node) -> Claims:
    """Read every leaf of the node's own log."""
    claims = Claims(node)
    try:
        _read(claims, enumerate(node.reader.leaves()))
    except ProvenanceError as error:
        claims.fault = NodeFault("log", "bad", "log", f"The log cannot be read: {error}")
    return claims


def named_by_followed(node: Node, log: FollowedLog) -> Claims:
    """Read the leaves of a followed log that count, as far as what they name has come here."""
    claims = Claims(node, log)
    refused, taken = node.peers.refusals(log.origin), node.peers.taken(log.origin)
    try:
        leaves = enumerate(node.followed(log).leaves(0, taken))
        _read(claims, ((index, raw) for index, raw in leaves if index not in refused))
    except ProvenanceError as error:
        place = str(node.layout.mirror(log.origin).relative_to(node.layout.root))
        message = f"The mirror of {log.origin} cannot be read: {error} Move the folder away and sync again."
        claims.fault = NodeFault("log", "bad", place, message)
    return claims


def _read(claims: Claims, leaves: Iterable[tuple[int, bytes]]) -> None:
    for index, raw in leaves:
        leaf = decode_leaf(raw)
        if isinstance(leaf, StatementLeaf):
            claims.statements.append((index, leaf))
            claims.roles[leaf.statement] = f"the statement of {claims.place(index)}"
        elif isinstance(leaf, SegmentLeaf) and (not claims.followed or leaf.access is AccessClass.PUBLIC):
            claims.segments.append((index, leaf))
            claims.roles[leaf.segment] = f"the {leaf.table} segment of {claims.place(index)}"
    claims.gone.update(_gone(claims))


def _gone(claims: Claims) -> Iterator[Digest]:
    """What a followed log no longer serves by its own notices, and what our operator decided to delete."""
    withdrawals = []
    for _, leaf in claims.statements:
        statement = _readable(claims.node, leaf.statement)
        # A notice that cannot be read takes nothing back, so that nothing may be missing for it.
        with suppress(ProvenanceError):
            if statement is not None and statement.kind == "WithdrawalDecision" and claims.followed is None:
                yield from read_decision(statement).deleted
            elif statement is not None and statement.kind == "Withdrawal" and claims.followed is not None:
                withdrawals.append(read_withdrawal(statement))
    yield from superseded(withdrawals)
    for text in (text for withdrawal in withdrawals for text in withdrawal.targets if "#" not in text):
        with suppress(HashstoreError):
            yield Digest.parse(text)


def _readable(node: Node, digest: Digest) -> Statement | None:
    """A statement; None for a damaged one, which is told of by its own hash."""
    try:
        return parse_statement(node.store.read(digest))
    except (ProvenanceError, HashstoreError):
        return None


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


def check_claims(
    node: Node, claims: Claims, damaged: set[Digest], history: KeyHistory | None
) -> Iterator[NodeFault]:
    """Check every statement and segment that is not damaged: right bytes can still say wrong things.

    Args:
        node: The node.
        claims: What the log names.
        damaged: Blobs that are told of already.
        history: Which key had to sign what; None where the log cannot tell, and the present key has to do.
    """
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
            _check_signer(claims, statement, index, history)
            segments = segments_of(statement)
            listed[leaf.statement] = {segment.digest: segment for segment in segments}
            # Of a followed log, segments may be withheld or refused; the own one is whole.
            if claims.fault is None and claims.followed is None:
                yield from _check_complete(index, leaf.statement, segments, entered[leaf.statement])
        except (ProvenanceError, HashstoreError) as error:
            yield NodeFault("statement", "bad", claims.place(index), str(error), leaf.statement)
    for index, segment in claims.segments:
        gone = segment.segment in claims.gone and not node.store.contains(segment.segment)
        if segment.segment not in damaged and not gone:
            yield from _check_segment(claims, index, segment, listed)


def _check_following(claims: Claims) -> Iterator[NodeFault]:
    """A segment counts by the signed statement that lists it: without that, nobody vouches for it."""
    signed = {leaf.statement for _, leaf in claims.statements}
    for index, leaf in claims.segments:
        if leaf.statement not in signed:
            message = (
                f"Log entry {index} names a segment of the statement {leaf.statement}, which no entry names."
            )
            yield NodeFault("segment", "bad", claims.place(index), message, leaf.segment)


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


def _check_signer(claims: Claims, statement: Statement, index: int, history: KeyHistory | None) -> None:
    due = claims.signer if history is None else history.identity_at(index)
    signed = frozenset(verified.key for verified in verify_statement(statement))
    foreign = signed - {due} if history is None else strangers(history, index, statement, signed)
    if due not in signed or foreign:
        others = ", ".join(sorted(key.did for key in foreign)) or "another key"
        whose = "this node's" if claims.followed is None else "the log's"
        raise ProvenanceError(f"The statement is signed by {others}, not by {whose} key of then ({due}).")


def _check_segment(
    claims: Claims, index: int, leaf: SegmentLeaf, listed: dict[Digest, dict[Digest, Segment]]
) -> Iterator[NodeFault]:
    claimed = Segment(leaf.segment, leaf.table, leaf.schema, leaf.rows, leaf.rows_root, leaf.access)
    said = listed.get(leaf.statement)
    if said is not None and said.get(leaf.segment) != claimed:
        message = f"Log entry {index} and its statement {leaf.statement} describe the segment differently."
        yield NodeFault("segment", "bad", claims.place(index), message, leaf.segment)
    try:
        check_segment(claims.node.store.path(leaf.segment), claimed)
    except ManifestError as error:
        if claims.followed is not None and isinstance(error, UnknownSchema):
            return  # a table of a later version, kept and relayed
        yield NodeFault("segment", "bad", claims.place(index), str(error), leaf.segment)
