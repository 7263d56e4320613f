"""A former key of a log declared void: someone else has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provenance.contexts import CONTEXT
from provenance.keys import PublicKey
from provenance.statement.kinds.key_change import KeyRole
from provenance.statement.kinds.reading import read_count, read_did, read_node
from provenance.statement.reading import reading, time_of
from provenance.statement.statement import Statement, time_text


@dataclass(frozen=True, slots=True)
class KeyRevocation:
    """What a former key signed from some leaf on does not count.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        origin: the log that this is about; under another it says nothing.
        role: what the key was for.
        key: the former key.
        void_from: the first leaf (for a log key, the first tree size) at which its signature counts no more.
        made: when, with a time zone.
    """

    id: str
    origin: str
    role: KeyRole
    key: PublicKey
    void_from: int
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "KeyRevocation",
            "generatedAtTime": time_text(self.made),
            "log": {"id": f"{self.id}#log", "type": "Log", "origin": self.origin},
            "keyRole": str(self.role),
            "revokedKey": self.key.did,
            "voidFrom": str(self.void_from),
        }


def read_key_revocation(statement: Statement) -> KeyRevocation:
    """Reads a revocation; whether it counts is for `provenance.key_history` to say.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "KeyRevocation"):
        return KeyRevocation(
            id=statement.iri,
            origin=str(read_node(document, "log")["origin"]),
            role=KeyRole(str(document["keyRole"])),
            key=read_did(document["revokedKey"]),
            void_from=read_count(document["voidFrom"]),
            made=time_of(document, "generatedAtTime"),
        )
