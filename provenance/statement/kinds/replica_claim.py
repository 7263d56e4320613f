"""A replica claim: who holds which members of a slice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.reading import count_of, digest_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text


@dataclass(frozen=True, slots=True)
class ReplicaClaim:
    """What a node says it holds of a slice; the newest claim on a slice in a log replaces those before it.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who claims.
        slice: the statement of the slice.
        members_root: the slice's root, so that the places in the bitmap are beyond doubt.
        held: how many members.
        missing: the blob of a Roaring bitmap of the places that are missing; None if none is.
        made: with a time zone.
    """

    id: str
    agent: PublicKey
    slice: Digest
    members_root: Digest
    held: int
    missing: Digest | None
    made: datetime

    @property
    def complete(self) -> bool:
        """Whether it claims every member."""
        return self.missing is None

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        parts = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Entity", "ReplicaClaim"],
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "slice": self.slice.uri,
            "membersRoot": self.members_root.uri,
            "held": str(self.held),
            "complete": self.complete,
        }
        return {**parts, "missing": self.missing.uri} if self.missing else parts


def read_replica_claim(statement: Statement) -> ReplicaClaim:
    """Reads a claim; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "ReplicaClaim"):
        found = ReplicaClaim(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            slice=digest_of(document, "slice"),
            members_root=digest_of(document, "membersRoot"),
            held=count_of(document, "held"),
            missing=digest_of(document, "missing") if "missing" in document else None,
            made=time_of(document, "generatedAtTime"),
        )
    if document.get("complete") is not found.complete:
        raise MalformedStatement(f"The claim {statement.iri} contradicts itself about what is missing.")
    return found
