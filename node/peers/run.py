"""A statement's leaf and the segments' leaves directly behind it: which of these it vouches for. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from hashstore.digest import Digest
from manifests.segment import Segment
from node.peers.examine import described_by
from provenance.log.leaf import SegmentLeaf
from provenance.statement import Statement, segments_of

# More than a statement of a mebibyte can list; without an end, one run could fill a follower's memory.
MOST_SEGMENTS = 8_192


@dataclass(slots=True)
class Run:
    """The leaves from a statement's on to the next that is no segment's.

    What it refuses depends on the leaves alone, not on how many of them came in one sync: two followers who
    synced at other times must end with the same rows.

    Attributes:
        start: Log index of the statement's leaf.
        statement: Its digest; None where no statement that counts has begun a run.
        listed: The segments that the statement lists.
        seen: Those whose leaves came already.
    """

    start: int = 0
    statement: Digest | None = None
    listed: dict[Digest, Segment] = field(default_factory=dict)
    seen: set[Digest] = field(default_factory=set)

    @classmethod
    def of(cls, index: int, found: Statement | str) -> Run:
        """The run that a statement's leaf begins; nothing in it counts if the statement does not."""
        if isinstance(found, str):
            return cls(index)
        return cls(index, found.digest, {segment.digest: segment for segment in segments_of(found)})

    def refuses(self, index: int, leaf: SegmentLeaf) -> str | None:
        """Take in the next leaf; why it does not count, None if it does as far as its statement goes."""
        return self._misplaced(index, leaf) or self._unlisted(leaf)

    def _misplaced(self, index: int, leaf: SegmentLeaf) -> str | None:
        if self.statement is None or leaf.statement != self.statement:
            return "it does not stand behind a statement that counts"
        if index - self.start > MOST_SEGMENTS:
            return f"more than {MOST_SEGMENTS:,} entries stand behind its statement"
        if leaf.segment in self.seen:
            return "an entry before names the same segment"
        self.seen.add(leaf.segment)
        return None

    def _unlisted(self, leaf: SegmentLeaf) -> str | None:
        found = self.listed.get(leaf.segment)
        if found is None:
            return "its statement does not list it"
        return None if found == described_by(leaf) else "its statement describes it otherwise"
