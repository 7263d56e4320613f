"""Who says to hold which slice: the claims in the logs, and what audits of them found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from manifests.holdings import Holding, decode_places
from manifests.members import MemberList
from node.compose import Node
from node.index import OWN_LOG, Index
from node.slices.known import KnownSlice
from provenance.errors import ProvenanceError
from provenance.statement import parse_statement
from provenance.statement.kinds import ReplicaClaim
from provenance.statement.kinds.audit_report import Verdict, read_audit_report
from provenance.statement.kinds.replica_claim import read_replica_claim


@dataclass(frozen=True, slots=True)
class KnownClaim:
    """The newest claim of a log on a slice.

    Attributes:
        digest: Its statement.
        log: The number of its log in the index; 0 is the node's own.
        origin: The log's name.
        claim: What it says.
        verdict: What this node's own newest audit of it found; None if there was none.
    """

    digest: Digest
    log: int
    origin: str
    claim: ReplicaClaim
    verdict: Verdict | None = None


_NEWEST = "SELECT digest, log FROM statement WHERE kind = '{kind}' ORDER BY log, log_index DESC"


def known_claims(node: Node, index: Index) -> Iterator[KnownClaim]:
    """The newest claim of each log on each slice; garbled ones are passed over."""
    origins = index.origins()
    verdicts = _verdicts(node, index)
    seen: set[tuple[int, Digest]] = set()
    for row in index.rows(_NEWEST.format(kind="ReplicaClaim")):
        digest = Digest(row["digest"])
        try:
            claim = read_replica_claim(parse_statement(node.store.read(digest)))
        except (ProvenanceError, HashstoreError):
            continue
        if (row["log"], claim.slice) not in seen:
            seen.add((row["log"], claim.slice))
            origin = origins[row["log"]] or node.log_key.name
            yield KnownClaim(digest, row["log"], origin, claim, verdicts.get(digest))


def trusted_claims(node: Node, index: Index) -> tuple[KnownClaim, ...]:
    """The claims to be counted on: not those that an audit refuted, nor those in logs that are frozen."""
    frozen = {log.origin for log in node.peers.logs() if log.frozen is not None}
    return tuple(
        claim
        for claim in known_claims(node, index)
        if claim.verdict is not Verdict.FAILED and claim.origin not in frozen
    )


def own_claim(node: Node, index: Index, slice: Digest) -> KnownClaim | None:
    """What this node itself last claimed of a slice."""
    for known in known_claims(node, index):
        if known.log == OWN_LOG and known.claim.slice == slice:
            return known
    return None


def lacking_bitmaps(node: Node, index: Index) -> tuple[Digest, ...]:
    """The bitmaps of claims that are not here yet: without one, a claim counts for nothing."""
    named = (known.claim.missing for known in known_claims(node, index))
    return tuple(sorted({one for one in named if one is not None and not node.store.contains(one)}))


def holding_of(node: Node, known: KnownClaim, wanted: KnownSlice, members: MemberList) -> Holding | None:
    """What a claim says, place by place; None if it is about other members, or cannot be read."""
    claim = known.claim
    if claim.slice != wanted.digest or claim.members_root != members.root:
        return None
    try:
        data = _EMPTY if claim.missing is None else node.store.read(claim.missing)
        holding = Holding(known.origin, members, decode_places(data, len(members)))
    except (HashstoreError, ManifestError):
        return None
    return holding if holding.count == claim.held else None


_EMPTY = bytes.fromhex("3a30000000000000")  # the Roaring bitmap of no places, portable format


def holdings_of(
    node: Node, claims: Iterable[KnownClaim], wanted: KnownSlice, members: MemberList
) -> list[tuple[KnownClaim, Holding]]:
    """What claims say of one slice, as far as they can be read."""
    read = ((known, holding_of(node, known, wanted, members)) for known in claims)
    return [(known, holding) for known, holding in read if holding is not None]


def _verdicts(node: Node, index: Index) -> dict[Digest, Verdict]:
    """What this node's newest audit of each claim found. Others' audits are their word against a word."""
    found: dict[Digest, Verdict] = {}
    for row in index.rows("SELECT digest FROM own_statement WHERE kind = 'AuditReport' ORDER BY log_index"):
        try:
            report = read_audit_report(parse_statement(node.store.read(Digest(row["digest"]))))
        except (ProvenanceError, HashstoreError):
            continue
        found[report.claim] = report.verdict
    return found
