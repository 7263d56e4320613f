"""A slice: a filter, the state of the logs it was resolved against, and the root over what it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from manifests.errors import ManifestError
from manifests.filter import Filter, filter_text, parse_filter
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.reading import count_of, digest_of, nodes_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text
from provenance.statement.text import plain_text


@dataclass(frozen=True, slots=True, order=True)
class LogState:
    """How far a log counts.

    Attributes:
        origin: the log's name.
        size: how many of its leaves count.
        root: its RFC 9162 root at that size.
    """

    origin: str
    size: int
    root: Digest


@dataclass(frozen=True, slots=True)
class Slice:
    """What someone chose, and what came of it.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who says so.
        name: what people call it.
        filter: which images.
        state: of which logs, sorted by origin; no origin twice.
        members: the blob that lists the members (spec/slices.md).
        members_root: the root over them.
        count: how many there are.
        made: with a time zone.
        previous: the statement of the slice that this one replaces.
    """

    id: str
    agent: PublicKey
    name: str
    filter: Filter
    state: tuple[LogState, ...]
    members: Digest
    members_root: Digest
    count: int
    made: datetime
    previous: Digest | None = None

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        parts = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Entity", "Slice"],
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "title": plain_text(self.name),
            "filter": filter_text(self.filter),
            "state": [_state(self.id, number, log) for number, log in enumerate(self.state, 1)],
            "memberList": self.members.uri,
            "membersRoot": self.members_root.uri,
            "memberCount": str(self.count),
        }
        return {**parts, "wasRevisionOf": self.previous.uri} if self.previous else parts


def _state(iri: str, number: int, log: LogState) -> dict[str, Any]:
    return {
        "id": f"{iri}#log-{number}",
        "type": "LogState",
        "origin": log.origin,
        "logSize": str(log.size),
        "rootHash": log.root.uri,
    }


def read_slice(statement: Statement) -> Slice:
    """Reads a slice; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "Slice"):
        found = Slice(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            name=text_of(document, "title"),
            filter=_filter(text_of(document, "filter"), statement.iri),
            state=tuple(sorted(_log(node) for node in nodes_of(document, "state"))),
            members=digest_of(document, "memberList"),
            members_root=digest_of(document, "membersRoot"),
            count=count_of(document, "memberCount"),
            made=time_of(document, "generatedAtTime"),
            previous=digest_of(document, "wasRevisionOf") if "wasRevisionOf" in document else None,
        )
    if not found.state or len({log.origin for log in found.state}) < len(found.state):
        raise MalformedStatement(f"The slice {statement.iri} must name each of its logs once.")
    return found


def _filter(text: str, iri: str) -> Filter:
    try:
        tree = parse_filter(text)
    except ManifestError as error:
        raise MalformedStatement(f"The slice {iri}: {error}") from error
    if filter_text(tree) != text:
        raise MalformedStatement(f"The filter of the slice {iri} is not in canonical form (RFC 8785).")
    return tree


def _log(node: dict[str, Any]) -> LogState:
    return LogState(text_of(node, "origin"), count_of(node, "logSize"), digest_of(node, "rootHash"))
