"""What is said about a version of a dataset later: that it is published, and who cites it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.errors import MalformedStatement
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.reading import digest_of, reading, text_of, time_of
from provenance.statement.statement import Statement, time_text

MOST_CITING: Final = 10_000


@dataclass(frozen=True, slots=True)
class DatasetPublication:
    """A version is listed for everybody from now on.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who publishes.
        version: the statement of the version.
        made: with a time zone.
    """

    id: str
    agent: PublicKey
    version: Digest
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "DatasetPublication"],
            "endedAtTime": time_text(self.made),
            "wasAssociatedWith": self.agent.did,
            "used": self.version.uri,
        }


@dataclass(frozen=True, slots=True)
class DatasetCitation:
    """Works that cite a version, as far as somebody knows.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who says so.
        version: the statement of the version that is cited.
        citing: addresses of the works, such as https://doi.org/10.1234/abc, sorted, each once.
        evidence: the file of events that they were read from; None if they were registered by hand.
        made: with a time zone.
    """

    id: str
    agent: PublicKey
    version: Digest
    citing: tuple[str, ...]
    evidence: Digest | None
    made: datetime

    def document(self) -> dict[str, Any]:
        """The unsigned statement.

        Raises:
            MalformedStatement: it names nothing, or too much at once.
        """
        if not 1 <= len(self.citing) <= MOST_CITING:
            raise MalformedStatement(
                f"1 to {MOST_CITING} works are registered at once, not {len(self.citing)}."
            )
        parts = {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Entity", "DatasetCitation"],
            "generatedAtTime": time_text(self.made),
            "wasAttributedTo": self.agent.did,
            "concerns": self.version.uri,
            "isCitedBy": list(self.citing),
        }
        return {**parts, "readFrom": self.evidence.uri} if self.evidence else parts


def read_publication(statement: Statement) -> DatasetPublication:
    """Reads a publication; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "DatasetPublication"):
        return DatasetPublication(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAssociatedWith")),
            version=digest_of(document, "used"),
            made=time_of(document, "endedAtTime"),
        )


def read_citation(statement: Statement) -> DatasetCitation:
    """Reads who cites a version; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "DatasetCitation"):
        listed = document["isCitedBy"]
        citing = [listed] if isinstance(listed, str) else listed
        if not all(isinstance(one, str) for one in citing):
            raise ValueError("isCitedBy, which must be addresses")
        return DatasetCitation(
            id=statement.iri,
            agent=parse_public_key(text_of(document, "wasAttributedTo")),
            version=digest_of(document, "concerns"),
            citing=tuple(sorted(set(citing))),
            evidence=digest_of(document, "readFrom") if "readFrom" in document else None,
            made=time_of(document, "generatedAtTime"),
        )
