"""An index of vectors: what it was made of, and which bytes it is (spec/similar.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.reading import count_of, digest_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text


@dataclass(frozen=True, slots=True)
class VectorIndex:
    """An index that somebody made.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who made it.
        made: with a time zone.
        analyzer: the identity of the analyzer whose vectors they are.
        parameters: the digest of its parameters.
        kind: which of its findings they are.
        members: the blob that lists what it has vectors of.
        members_root: the root over them.
        count: how many there are.
        index: the blob of the index.
    """

    id: str
    agent: PublicKey
    made: datetime
    analyzer: Digest
    parameters: Digest
    kind: str
    members: Digest
    members_root: Digest
    count: int
    index: Digest

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Entity", "VectorIndex"],
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "identity": self.analyzer.uri,
            "parameters": self.parameters.uri,
            "findingKind": self.kind,
            "memberList": self.members.uri,
            "membersRoot": self.members_root.uri,
            "memberCount": str(self.count),
            "vectorIndex": self.index.uri,
        }


def read_vector_index(statement: Statement) -> VectorIndex:
    """Reads what is said of an index; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "VectorIndex"):
        return VectorIndex(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            made=time_of(document, "generatedAtTime"),
            analyzer=digest_of(document, "identity"),
            parameters=digest_of(document, "parameters"),
            kind=text_of(document, "findingKind"),
            members=digest_of(document, "memberList"),
            members_root=digest_of(document, "membersRoot"),
            count=count_of(document, "memberCount"),
            index=digest_of(document, "vectorIndex"),
        )
