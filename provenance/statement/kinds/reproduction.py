"""A run that was made again: whether the same came of it, and on what (spec/analyzers.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hashstore.digest import Digest
from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.analysis_run import UsedAnalyzer, analyzer_node, read_analyzer
from provenance.statement.kinds.parts import software_agent
from provenance.statement.reading import count_of, digest_of, nodes_of, reading, text_of
from provenance.statement.statement import Statement, time_text

OUTCOMES = ("identical", "within-tolerance", "different", "incomplete")


@dataclass(frozen=True, slots=True)
class Reproduction:
    """An attestation beside a result.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: who ran it again.
        software: name and version of the program.
        run: the statement that was reproduced.
        analyzer: what was run this time.
        started: with a time zone.
        ended: with a time zone.
        outcome: one of `OUTCOMES`; the worst that an item came to.
        identical: items of which the same was found, bit for bit.
        within: items that differ by no more than the analyzer declares.
        different: items that differ by more.
        missing: items that could not be run again.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    run: Digest
    analyzer: UsedAnalyzer
    started: datetime
    ended: datetime
    outcome: str
    identical: int
    within: int
    different: int
    missing: int

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "Reproduction"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "reproduces": self.run.uri,
            "analyzer": analyzer_node(self.id, self.analyzer),
            "outcome": self.outcome,
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "itemsIdentical": str(self.identical),
                "itemsWithinTolerance": str(self.within),
                "itemsDifferent": str(self.different),
                "itemsMissing": str(self.missing),
            },
        }


def read_reproduction(statement: Statement) -> Reproduction:
    """Reads an attestation; its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "Reproduction"):
        who, software = document["wasAssociatedWith"]
        (counts,) = nodes_of(document, "counts")
        if (outcome := text_of(document, "outcome")) not in OUTCOMES:
            raise ValueError(f"outcome, which cannot be {outcome!r}")
        return Reproduction(
            id=statement.iri,
            agent=parse_public_key(str(who)),
            software=(text_of(software, "name"), text_of(software, "softwareVersion")),
            run=digest_of(document, "reproduces"),
            analyzer=read_analyzer(nodes_of(document, "analyzer")[0]),
            started=datetime.fromisoformat(text_of(document, "startedAtTime")),
            ended=datetime.fromisoformat(text_of(document, "endedAtTime")),
            outcome=outcome,
            identical=count_of(counts, "itemsIdentical"),
            within=count_of(counts, "itemsWithinTolerance"),
            different=count_of(counts, "itemsDifferent"),
            missing=count_of(counts, "itemsMissing"),
        )
