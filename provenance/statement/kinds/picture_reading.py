"""A run over pictures that says what they look like: size, pixels, perceptual hash (spec/pictures.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from provenance.contexts import CONTEXT
from provenance.keys import PublicKey
from provenance.statement.kinds.parts import segment_entry, software_agent
from provenance.statement.statement import time_text

if TYPE_CHECKING:
    from manifests.segment import Segment


@dataclass(frozen=True, slots=True)
class PictureReading:
    """One run.

    Attributes:
        id: the statement's IRI; see `new_statement_id`.
        agent: the node's identity key.
        software: name and version of the program.
        started: with a time zone.
        ended: with a time zone.
        segments: of the table `picture`, at least one.
        read: how many pictures were read.
        unreadable: how many could not be.
    """

    id: str
    agent: PublicKey
    software: tuple[str, str]
    started: datetime
    ended: datetime
    segments: tuple[Segment, ...]
    read: int
    unreadable: int

    def document(self) -> dict[str, Any]:
        """The unsigned statement."""
        return {
            "@context": list(CONTEXT),
            "id": self.id,
            "type": ["Activity", "PictureReading"],
            "startedAtTime": time_text(self.started),
            "endedAtTime": time_text(self.ended),
            "wasAssociatedWith": [self.agent.did, software_agent(self.id, *self.software)],
            "generated": sorted({segment.digest.uri for segment in self.segments}),
            "segment": [segment_entry(self.id, place, found) for place, found in enumerate(self.segments, 1)],
            "counts": {
                "id": f"{self.id}#counts",
                "type": "Counts",
                "picturesRead": str(self.read),
                "picturesUnreadable": str(self.unreadable),
            },
        }
