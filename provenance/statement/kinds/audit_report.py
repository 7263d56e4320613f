"""An audit report: what came of asking a claimant for random pieces of what it says it holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.reading import count_of, digest_of, digests_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text

MOST_NAMED = 100  # digests; a report names the first that failed, and counts all


class Verdict(StrEnum):
    """What an audit says of a claim."""

    PASSED = "passed"
    FAILED = "failed"
    UNANSWERED = "unanswered"
    """Some draws got no answer at all; nothing was wrong with those that did."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """One audit of one claim.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who asked.
        claim: the statement of the claim.
        slice: the statement of the slice.
        started: with a time zone.
        ended: with a time zone.
        draws: how many pieces were drawn, with those drawn twice.
        right: how many were answered with the right bytes.
        wrong: how many with others, or with "I do not have it".
        unanswered: how many not at all, or by nothing that can be read.
        failed: the first blobs whose draws were wrong, ascending.
    """

    id: str
    agent: PublicKey
    claim: Digest
    slice: Digest
    started: datetime
    ended: datetime
    draws: int
    right: int
    wrong: int
    unanswered: int
    failed: tuple[Digest, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """What the counts say."""
        if self.wrong:
            return Verdict.FAILED
        return Verdict.UNANSWERED if self.unanswered else Verdict.PASSED

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        counts = {
            "draws": self.draws,
            "drawsRight": self.right,
            "drawsWrong": self.wrong,
            "drawsUnanswered": self.unanswered,
        }
        parts = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "AuditReport"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": self.agent.did,
            "claim": self.claim.uri,
            "slice": self.slice.uri,
            "verdict": self.verdict.value,
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                **{name: str(count) for name, count in counts.items()},
            },
        }
        failed = [digest.uri for digest in sorted(self.failed)[:MOST_NAMED]]
        return {**parts, "failedMember": failed} if failed else parts


def read_audit_report(statement: Statement) -> AuditReport:
    """Reads a report; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "AuditReport"):
        counts = document["counts"]
        found = AuditReport(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAssociatedWith")),
            claim=digest_of(document, "claim"),
            slice=digest_of(document, "slice"),
            started=time_of(document, "startedAtTime"),
            ended=time_of(document, "endedAtTime"),
            draws=count_of(counts, "draws"),
            right=count_of(counts, "drawsRight"),
            wrong=count_of(counts, "drawsWrong"),
            unanswered=count_of(counts, "drawsUnanswered"),
            failed=digests_of(document, "failedMember"),
        )
        if (
            document["verdict"] != found.verdict
            or found.draws != found.right + found.wrong + found.unanswered
        ):
            raise ValueError("its verdict, which its counts do not give")
    return found
