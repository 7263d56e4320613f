"""The first leaf of each log: who keeps it, and which identity key and log key belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.cosignature import CosignerKey
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, VerifierKey, parse_public_key
from provenance.statement.kinds.reading import read_digest, read_node, read_post_quantum
from provenance.statement.reading import reading, time_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text


@dataclass(frozen=True, slots=True)
class LogDescription:
    """What a log says of itself; its key history begins here (`provenance.key_history`).

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        log_key: the log's key under its origin as name.
        identity: the key that signs this and the node's other statements.
        institution: who keeps the log, as people call it.
        made: when the log was begun, with a time zone.
        next_identity: the `key_commitment` of the key to which the identity will change.
        next_log: the `key_commitment` of the log's next key.
        post_quantum: the ML-DSA-44 key that signs checkpoints too, under the log's origin as name.
    """

    id: str
    log_key: VerifierKey
    identity: PublicKey
    institution: str
    made: datetime
    next_identity: Digest | None = None
    next_log: Digest | None = None
    post_quantum: CosignerKey | None = None

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        next_identity = {} if self.next_identity is None else {"nextIdentityKey": self.next_identity.uri}
        next_log = {} if self.next_log is None else {"nextLogKey": self.next_log.uri}
        post_quantum = {} if self.post_quantum is None else {"postQuantumKey": str(self.post_quantum)}
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "LogDescription",
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": {
                "id": f"{self.id}#agent",
                "type": ["Agent", "Organization"],
                "name": plain_text(self.institution),
                "identityKey": self.identity.did,
                **next_identity,
            },
            "log": {
                "id": f"{self.id}#log",
                "type": "Log",
                "origin": self.log_key.name,
                "verifierKey": str(self.log_key),
                **next_log,
                **post_quantum,
            },
        }


def read_log_description(statement: Statement) -> LogDescription:
    """Reads the keys that a log description binds; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "LogDescription"):
        agent, log = read_node(document, "wasAttributedTo"), read_node(document, "log")
        found = LogDescription(
            id=statement.iri,
            log_key=VerifierKey.parse(str(log["verifierKey"])),
            identity=parse_public_key(str(agent["identityKey"])),
            institution=str(agent["name"]),
            made=time_of(document, "generatedAtTime"),
            next_identity=read_digest(agent.get("nextIdentityKey")),
            next_log=read_digest(log.get("nextLogKey")),
            post_quantum=read_post_quantum(log),
        )
    if log.get("origin") != found.log_key.name or agent["identityKey"] != found.identity.did:
        raise MalformedStatement(f"The LogDescription {statement.iri} contradicts itself about its keys.")
    return found
