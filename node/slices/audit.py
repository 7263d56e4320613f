"""Audit a claimant: draw pieces, ask for them, check what comes, and sign what came of it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from hashstore.pieces import LARGEST_UNPIECED, Pieces, piece_count, pieces_root
from node.compose import Node
from node.errors import NotFound, PeerError, SliceError
from node.index import OWN_LOG, Index
from node.publish import publish
from node.slices.auditing import (
    MOST_PIECES,
    AuditAnswer,
    AuditRequest,
    MalformedAudit,
    check_answer,
    decode_answer,
    draw_pieces,
)
from node.slices.bringing import Ask
from node.slices.claims import KnownClaim, holding_of, known_claims
from node.slices.known import members_of, slice_at
from node.slices.pieces import pieces_of
from node.slices.replicate import sizes_of
from provenance.statement import new_statement_id
from provenance.statement.kinds import AuditReport

_MOST_ASKED_WHOLE = 2048  # pieces; a claimant does not keep us busy with a blob that has no end


@dataclass(frozen=True, slots=True)
class Audited:
    """An audit and its report.

    Attributes:
        claim: What was audited.
        report: What came of it.
        statement: The report's statement in the log.
    """

    claim: KnownClaim
    report: AuditReport
    statement: Digest


def claims_to_audit(node: Node, index: Index, text: str) -> tuple[KnownClaim, ...]:
    """The claims that a person means: one by its digest, or all of a peer, by its URL or its log's origin.

    Raises:
        NotFound: there is none.
    """
    origins = {peer.origin for peer in node.peers.peers() if peer.url == text.rstrip("/")} | {text}
    others = [known for known in known_claims(node, index) if known.log != OWN_LOG]
    found = [known for known in others if known.origin in origins]
    if not found and len(text.removeprefix("hash://sha256/")) >= 8:
        start = text.removeprefix("hash://sha256/").lower()
        found = [known for known in others if known.digest.hex.startswith(start)]
    if not found:
        raise NotFound(
            f"No claim to audit: {text!r} is neither a peer nor the log of one that claims to hold a slice, "
            "nor the digest of such a claim. `vasculum replicas` shows who claims what."
        )
    return tuple(found)


def audit(
    node: Node, known: KnownClaim, ask: Ask, draws: int, random: Random, id: str | None = None
) -> Audited:
    """Audit one claim and sign the report into the log.

    Args:
        node: The node; the caller does not hold its writer lock.
        known: The claim of another log.
        ask: Puts requests to the claimant.
        draws: How many pieces are drawn; 299 find who lacks 1 % of the data with 95 % probability.
        random: `random.SystemRandom()`; another only to repeat a run.
        id: IRI of the report's statement; a new one if None.

    Raises:
        SliceError: what the claim says cannot be told here.
    """
    started = datetime.now(UTC).replace(microsecond=0)
    with node.index() as index:
        wanted = slice_at(node, index, known.claim.slice)
        members = members_of(node, index, wanted)
        holding = holding_of(node, known, wanted, members)
        if holding is None:
            raise SliceError(
                f"The claim {known.digest} of {known.origin} cannot be read: its bitmap is not here, or is "
                "none over this slice. `vasculum sync`, then audit again."
            )
        claimed = [one for one in members if holding.holds(one)]
        sizes = sizes_of(node, index, claimed)
        drawn = draws_of(claimed, sizes, draws, random)
        known_pieces = {digest: _trusted(node, index, digest, sizes[digest]) for digest in drawn}
    auditor = Auditor(ask, sizes, known_pieces)
    counts, failed = count_outcomes(auditor, drawn)
    report = AuditReport(
        id=id or new_statement_id(), agent=node.identity.public, claim=known.digest, slice=known.claim.slice,
        started=started, ended=datetime.now(UTC).replace(microsecond=0), draws=sum(counts.values()),
        right=counts["right"], wrong=counts["wrong"], unanswered=counts["unanswered"], failed=failed,
    )  # fmt: skip
    with node.writing():
        return Audited(known, report, publish(node, report.document()))


def draws_of(
    claimed: list[Digest], sizes: Mapping[Digest, int], draws: int, random: Random
) -> dict[Digest, Counter[int]]:
    """How often each piece of each blob was drawn."""
    found: dict[Digest, Counter[int]] = {}
    for place, piece in draw_pieces([sizes[one] for one in claimed], draws, random):
        found.setdefault(claimed[place], Counter())[piece] += 1
    return found


def _trusted(node: Node, index: Index, digest: Digest, size: int) -> tuple[Pieces, ...]:
    """What to check pieces against: own bytes, else the logs' word on large blobs, else nothing."""
    if node.store.contains(digest):
        try:
            with node.store.open(digest) as stream:
                return (pieces_root(stream),)
        except HashstoreError:
            pass  # damaged here: the claimant may have it sound
    return pieces_of(index, digest) if size > LARGEST_UNPIECED else ()


def count_outcomes(
    auditor: Auditor, drawn: Mapping[Digest, Counter[int]]
) -> tuple[Counter[str], tuple[Digest, ...]]:
    """Ask for all that was drawn: how often it was `right`, `wrong`, `unanswered`; and what was wrong."""
    counts: Counter[str] = Counter()
    failed: list[Digest] = []
    for digest, pieces in sorted(drawn.items()):
        for piece, outcome in auditor.outcomes(digest, sorted(pieces)):
            counts[outcome] += pieces[piece]
            if outcome == "wrong" and digest not in failed[-1:]:
                failed.append(digest)
    return counts, tuple(failed)


@dataclass(slots=True)
class Auditor:
    """Asks one claimant.

    Attributes:
        ask: How.
        sizes: What is known of sizes; may be wrong where the blob is not here.
        known: For each blob, the roots that its pieces may be checked against.
    """

    ask: Ask
    sizes: Mapping[Digest, int]
    known: Mapping[Digest, tuple[Pieces, ...]]

    def outcomes(self, digest: Digest, pieces: list[int]) -> Iterator[tuple[int, str]]:
        """What came of each piece of a blob: `right`, `wrong` or `unanswered`."""
        if not self.known[digest]:
            outcome = _judged(lambda: self._whole(digest))
            yield from ((piece, outcome) for piece in pieces)
            return
        for start in range(0, len(pieces), MOST_PIECES):
            batch = pieces[start : start + MOST_PIECES]
            request = AuditRequest(digest, tuple(batch))
            outcome = _judged(lambda request=request: self._pieces(request))  # type: ignore[misc]
            if outcome == "wrong" and len(self.known[digest]) > 1:
                # The logs do not agree on the root: the whole blob decides.
                outcome = _judged(lambda: self._whole(digest))
            yield from ((piece, outcome) for piece in batch)

    def _pieces(self, request: AuditRequest) -> bool:
        answer = self._answer(request)
        known = self.known[request.digest]
        return answer is not None and any(check_answer(request, answer, pieces) for pieces in known)

    def _whole(self, digest: Digest) -> bool:
        """Ask for all pieces, and compare the digest: for blobs of which nothing else is known."""
        state, start = hashlib.sha256(), 0
        count = max(piece_count(self.sizes[digest]), 1)
        while start < count:
            request = AuditRequest(digest, tuple(range(start, min(count, start + MOST_PIECES))))
            answer = self._answer(request)
            if answer is None and start == 0 and len(request.pieces) > 1:
                # It may have fewer pieces than the logs say.
                request = AuditRequest(digest, (0,))
                answer = self._answer(request)
            if answer is None or not set(request.pieces) <= set(answer.pieces):
                return False
            count = piece_count(answer.size)
            if count > _MOST_ASKED_WHOLE:
                return False
            for index in request.pieces:
                state.update(answer.pieces[index].data)
            start += len(request.pieces)
        return Digest(state.digest()) == digest

    def _answer(self, request: AuditRequest) -> AuditAnswer | None:
        data = self.ask(request)
        return None if data is None else decode_answer(data)


def _judged(check: Callable[[], bool]) -> str:
    """No answer may be an accident; one that cannot be read is no better than a wrong one."""
    try:
        return "right" if check() else "wrong"
    except MalformedAudit:
        return "wrong"
    except PeerError:
        return "unanswered"
