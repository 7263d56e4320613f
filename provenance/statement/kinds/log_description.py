"""The first leaf of each log: who keeps it, and which identity key and log key belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provenance.contexts import CONTEXT
from provenance.errors import MalformedKey, MalformedStatement
from provenance.keys import PublicKey, VerifierKey, parse_public_key
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text


@dataclass(frozen=True, slots=True)
class LogDescription:
    """What a log says of itself; for now it is the log's whole key history.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        log_key: the log's key under its origin as name.
        identity: the key that signs this and the node's other statements.
        institution: who keeps the log, as people call it.
        made: when the log was begun, with a time zone.
    """

    id: str
    log_key: VerifierKey
    identity: PublicKey
    institution: str
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
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
            },
            "log": {
                "id": f"{self.id}#log",
                "type": "Log",
                "origin": self.log_key.name,
                "verifierKey": str(self.log_key),
            },
        }


def read_log_description(statement: Statement) -> LogDescription:
    """Reads the keys that a log description binds; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    try:
        if "LogDescription" not in statement.types:
            raise MalformedStatement(f"{statement.iri} is no log description.")
        agent, log = _node(document, "wasAttributedTo"), _node(document, "log")
        found = LogDescription(
            id=statement.iri,
            log_key=VerifierKey.parse(str(log["verifierKey"])),
            identity=parse_public_key(str(agent["identityKey"])),
            institution=str(agent["name"]),
            made=datetime.fromisoformat(str(document["generatedAtTime"])),
        )
    except (KeyError, ValueError, MalformedKey) as error:
        raise MalformedStatement(f"The log description {statement.iri} lacks or garbles {error}.") from error
    if log.get("origin") != found.log_key.name or agent["identityKey"] != found.identity.did:
        raise MalformedStatement(f"The log description {statement.iri} contradicts itself about its keys.")
    return found


def _node(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    node = document[name]
    if not isinstance(node, Mapping):
        raise MalformedStatement(f"The {name} of a log description is an object.")
    return node
