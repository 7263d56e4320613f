"""A public accusation: a log signed two heads that contradict each other, and here is the proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey
from provenance.statement.kinds.reading import read_did, read_node
from provenance.statement.reading import digest_of, reading, time_of
from provenance.statement.statement import Statement, time_text


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Who found which log to contradict itself.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who says so.
        origin: the log that contradicts itself.
        evidence: the digest of the proof's file (`provenance.witness.equivocation`); any reader can check it.
        made: when, with a time zone.
    """

    id: str
    agent: PublicKey
    origin: str
    evidence: Digest
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "Equivocation",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "log": {"id": f"{self.id}#log", "type": "Log", "origin": self.origin},
            "evidence": self.evidence.uri,
        }


def read_equivocation(statement: Statement) -> Equivocation:
    """Reads an accusation; it stands or falls with its evidence.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "Equivocation"):
        return Equivocation(
            id=statement.iri,
            agent=read_did(document["wasAttributedTo"]),
            origin=str(read_node(document, "log")["origin"]),
            evidence=digest_of(document, "evidence"),
            made=time_of(document, "generatedAtTime"),
        )
