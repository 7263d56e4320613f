"""One crawl for one order, however often whoever ordered it is killed and orders it again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hashstore.digest import Digest
from node.compose import Node
from node.track.model import IMAGE_COUNTS, TrackSummary
from provenance.statement.kinds.crawl import COUNTS


@dataclass(frozen=True, slots=True)
class Once:
    """What a caller remembers of a crawl.

    The journal goes on with a crawl that was cut short, and forgets it only when it stands in the log. So who
    took its name down before anything else happened finds it in one of the two.

    Attributes:
        crawl: IRI of the crawl that an earlier call began for the same order; None if there was none.
        begun: Called with the crawl's IRI before it goes on; it must be durable when this returns.
        refused: Called when the source turns out not to be trackable, with why, before that stands in the
            log; it must be durable when this returns.
        refusal: Why the earlier crawl found the source not to be trackable; None if it did not.
    """

    crawl: str | None
    begun: Callable[[str], None]
    refused: Callable[[Exception], None]
    refusal: Exception | None = None

    def ended(self, node: Node) -> TrackSummary | None:
        """The earlier crawl, if it stands in the log, with what its statement counts.

        Args:
            node: The node, whose writer lock is held.

        Raises:
            Exception: the refusal, if that is how the crawl ended.
        """
        if self.crawl is None:
            return None
        with node.index() as index:
            row = index.one(
                "SELECT digest, log_index, document FROM own_statement WHERE iri = ?", [self.crawl]
            )
            size = index.log_size()
        if row is None:
            return None
        if self.refusal is not None:
            raise self.refusal
        counts = {name: int(value) for name, value in _counts(json.loads(row["document"])).items()}
        return TrackSummary(
            self.crawl,
            Digest(row["digest"]).uri,
            row["log_index"],
            size,
            quarantined=counts.get("rowsQuarantined", 0),
            images={outcome: counts.get(name, 0) for outcome, name in IMAGE_COUNTS.items()},
            resumed=True,
        )


def _counts(document: Mapping[str, Any]) -> Mapping[str, str]:
    told = document.get("counts") or {}
    return {name: value for name, value in told.items() if name in COUNTS}
