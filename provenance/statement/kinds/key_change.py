"""A change of a log's identity key or log key to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.cosignature import CosignerKey
from provenance.keys import PublicKey
from provenance.statement.kinds.reading import read_did, read_digest, read_node, read_post_quantum
from provenance.statement.reading import reading, time_of
from provenance.statement.statement import Statement, time_text


class KeyRole(StrEnum):
    """What a key is for."""

    IDENTITY = "identity"
    """It signs statements."""
    LOG = "log"
    """It signs checkpoints."""


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key takes the place of another from the next leaf on.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        origin: the log that this is about; under another it says nothing.
        role: which of the log's two keys changes.
        old: the key until now.
        new: the key from the next leaf on.
        made: when, with a time zone.
        next: the `key_commitment` of the key after the new one.
        post_quantum: with a log key, the ML-DSA-44 key from now on.
    """

    id: str
    origin: str
    role: KeyRole
    old: PublicKey
    new: PublicKey
    made: datetime
    next: Digest | None = None
    post_quantum: CosignerKey | None = None

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        post_quantum = {} if self.post_quantum is None else {"postQuantumKey": str(self.post_quantum)}
        commitment = {} if self.next is None else {"nextKey": self.next.uri}
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "KeyChange",
            "generatedAtTime": time_text(self.made),
            "log": {"id": f"{self.id}#log", "type": "Log", "origin": self.origin, **post_quantum},
            "keyRole": str(self.role),
            "oldKey": self.old.did,
            "newKey": self.new.did,
            **commitment,
        }


def read_key_change(statement: Statement) -> KeyChange:
    """Reads a change of keys; whether it counts is for `provenance.key_history` to say.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "KeyChange"):
        log = read_node(document, "log")
        return KeyChange(
            id=statement.iri,
            origin=str(log["origin"]),
            role=KeyRole(str(document["keyRole"])),
            old=read_did(document["oldKey"]),
            new=read_did(document["newKey"]),
            made=time_of(document, "generatedAtTime"),
            next=read_digest(document.get("nextKey")),
            post_quantum=read_post_quantum(log),
        )
