"""A crawl under way: what it captured is durable before anyone is told."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawlers.fetch import Capture
from hashstore.canonical import canonical_json
from node.compose import Node
from node.journal import CrawlState, Journal, Phase
from node.track.model import Listener, TrackOptions


@dataclass(frozen=True, slots=True)
class Captured:
    """A capture, the source for which it was made, and whether a withheld row names it."""

    capture: Capture
    source: str
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that the rooms of a crawl share.

    Attributes:
        node: The node that crawls.
        journal: Its journal, held by this process.
        state: This crawl.
        options: What the operator chose.
        listener: Who is told.
        resumed: Whether the crawl began in an earlier, killed process.
    """

    node: Node
    journal: Journal
    state: CrawlState
    options: TrackOptions
    listener: Listener
    resumed: bool

    @property
    def crawl(self) -> str:
        """IRI of the crawl."""
        return self.state.crawl

    @property
    def staging(self) -> Path:
        """Where this crawl's converted archives wait for the log."""
        return self.node.layout.staging / self.crawl.removeprefix("urn:uuid:")

    def record(self, captures: Sequence[Captured]) -> None:
        """Make captures durable, bytes first, and tell of them after."""
        self.node.store.commit([c.capture.sealed for c in captures if c.capture.sealed is not None])
        rows = [
            (attempt.row(c.source, self.crawl), c.withheld)
            for c in captures
            for attempt in c.capture.attempts()
        ]
        self.journal.record(self.crawl, rows)
        for row, _ in rows:
            self.listener.item("capture", row)


def open_session(
    node: Node, journal: Journal, location: str, options: TrackOptions, listener: Listener
) -> Session:
    """Go on with the unfinished crawl of this location, or begin a new one."""
    chosen = options_text(options)
    for state in journal.unfinished():
        if state.location == location and state.options == chosen and state.phase is Phase.GATHERING:
            listener.say(f"Going on with the crawl that began at {state.started}.")
            return Session(node, journal, state, options, listener, resumed=True)
    state = CrawlState(f"urn:uuid:{uuid.uuid4()}", location, chosen, now(), Phase.GATHERING)
    journal.begin(state)
    return Session(node, journal, state, options, listener, resumed=False)


def options_text(options: TrackOptions) -> str:
    """Options as canonical JSON, to compare a resumed crawl's with."""
    return canonical_json(json.loads(json.dumps(asdict(options)))).decode()


def now() -> str:
    """The time as statements write it: RFC 3339, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
