"""A new log that continues one which cannot go on: broken, forked, or with its keys in other hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.log.checkpoint import TreeHead
from provenance.statement.kinds.reading import read_count, read_node
from provenance.statement.reading import digest_of, reading, time_of
from provenance.statement.statement import Statement, time_text


@dataclass(frozen=True, slots=True)
class LogSuccessor:
    """Which log a new one continues, and from where.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        origin: the new log, whose second leaf this is.
        predecessor: the old log's name.
        head: the last head of the old log that its keeper stands by.
        made: when, with a time zone.
    """

    id: str
    origin: str
    predecessor: str
    head: TreeHead
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": "LogSuccessor",
            "generatedAtTime": time_text(self.made),
            "log": {"id": f"{self.id}#log", "type": "Log", "origin": self.origin},
            "predecessor": {
                "id": f"{self.id}#predecessor",
                "type": "Log",
                "origin": self.predecessor,
                "treeSize": str(self.head.size),
                "rootHash": Digest(self.head.root).uri,
            },
        }


def read_log_successor(statement: Statement) -> LogSuccessor:
    """Reads a succession; whether it counts is for `provenance.key_history.check_succession` to say.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "LogSuccessor"):
        old = read_node(document, "predecessor")
        return LogSuccessor(
            id=statement.iri,
            origin=str(read_node(document, "log")["origin"]),
            predecessor=str(old["origin"]),
            head=TreeHead(read_count(old["treeSize"]), digest_of(old, "rootHash").raw),
            made=time_of(document, "generatedAtTime"),
        )
