"""One crawl for one order, however often whoever ordered it is killed and orders it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hashstore.digest import Digest
from node.compose import Node
from node.track.model import TrackSummary


@dataclass(frozen=True, slots=True)
class Once:
    """What a caller remembers of a crawl.

    The journal goes on with a crawl that was cut short, and forgets it only when it stands in the log. So who
    took its name down before anything else happened finds it in one of the two.

    Attributes:
        crawl: IRI of the crawl that an earlier call began for the same order; None if there was none.
        begun: Called with the crawl's IRI before it goes on; it must be durable when this returns.
    """

    crawl: str | None
    begun: Callable[[str], None]

    def ended(self, node: Node) -> TrackSummary | None:
        """The earlier crawl, if it stands in the log; its counts are in its statement.

        Args:
            node: The node, whose writer lock is held.
        """
        if self.crawl is None:
            return None
        with node.index() as index:
            row = index.one("SELECT digest, log_index FROM own_statement WHERE iri = ?", [self.crawl])
            size = index.log_size()
        if row is None:
            return None
        return TrackSummary(self.crawl, Digest(row["digest"]).uri, row["log_index"], size, resumed=True)
