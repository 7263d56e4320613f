"""What reviewers decided about findings and annotations, published by a node (spec/annotations.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.contexts import CONTEXT
from provenance.keys import PublicKey, parse_public_key
from provenance.statement.kinds.parts import segment_entry, software_agent
from provenance.statement.reading import count_of, nodes_of, reading, text_of
from provenance.statement.statement import Statement, time_text

if TYPE_CHECKING:
    from manifests.segment import Segment


@dataclass(frozen=True, slots=True)
class ReviewTally:
    """How many decisions of each sort there are."""

    accepted: int = 0
    rejected: int = 0
    amended: int = 0


@dataclass(frozen=True, slots=True)
class ReviewSet:
    """Decisions that came into the log together. Who decided what stands in their rows, which may go.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the identity key of the node that publishes them.
        software: name and version of the program.
        published: with a time zone.
        segments: of the table `review`, at least one; empty in one that was read back.
        tally: how many decisions of each sort there are.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    published: datetime
    segments: tuple[Segment, ...]
    tally: ReviewTally

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "ReviewSet"],
            "endedAtTime": time_text(self.published),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "generated": sorted({segment.digest.uri for segment in self.segments}),
            "segment": [segment_entry(self.id, place, found) for place, found in enumerate(self.segments, 1)],
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "itemsAccepted": str(self.tally.accepted),
                "itemsRejected": str(self.tally.rejected),
                "itemsAmended": str(self.tally.amended),
            },
        }


def read_review_set(statement: Statement) -> ReviewSet:
    """Reads one, without its segments (`segments_of` tells those); its signature is not judged here.

    Raises:
        MalformedStatement: it is a statement of another kind, or a member is missing or damaged.
    """
    document = statement.document
    with reading(statement, "ReviewSet"):
        who, software = document["wasAssociatedWith"]
        (counts,) = nodes_of(document, "counts")
        return ReviewSet(
            id=statement.iri,
            agent=parse_public_key(str(who)),
            software=(text_of(software, "name"), text_of(software, "softwareVersion")),
            published=datetime.fromisoformat(text_of(document, "endedAtTime")),
            segments=(),
            tally=ReviewTally(
                count_of(counts, "itemsAccepted"),
                count_of(counts, "itemsRejected"),
                count_of(counts, "itemsAmended"),
            ),
        )
