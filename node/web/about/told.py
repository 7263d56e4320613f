"""What a node's own page tells of it: all of it public, gathered once a minute for everybody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from manifests.access import AccessClass
from node.compose import Node
from node.index import Index
from node.look.listing import listing
from node.look.status import status
from node.policy import Principal, decide
from node.serve.health import readiness
from node.slices.locate import Copies, copies_of_slices

_FRESH: Final = 60.0  # seconds
_MOST: Final = 100
# Of each address the newest attempt counts: what failed once and came later has not failed.
_FAILURES: Final = """
SELECT outcome, coalesce(reason, '') AS reason, count(*) AS n, min(url) AS example FROM (
    SELECT outcome, reason, url FROM capture WHERE access IN (SELECT unnest($access))
    QUALIFY row_number() OVER (PARTITION BY log, source, url ORDER BY log_index DESC, row DESC) = 1
) WHERE outcome IN ('failed', 'gone') GROUP BY ALL ORDER BY n DESC, reason LIMIT 50
"""
_IMAGES: Final = """
SELECT count(DISTINCT digest) AS n FROM capture
WHERE role = 'image' AND digest IS NOT NULL AND access IN (SELECT unnest($access))
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What is shown of a node.

    Attributes:
        status: Names, keys, sizes (`node.look.status`).
        images: How many different images anyone may see.
        sources: What is crawled, the newest first.
        failures: What could not be received, by reason.
        copies: Its slices, with how many copies there are.
        wanted: How many there should be.
        faults: What is wrong with it now.
    """

    status: dict[str, Any]
    images: int
    sources: list[dict[str, Any]]
    failures: list[dict[str, Any]]
    copies: tuple[Copies, ...]
    wanted: int
    faults: list[str]


class AboutNode:
    """What is told, kept for a minute; safe for several threads."""

    def __init__(self, live: Callable[[], Node]) -> None:
        self._live = live
        self._lock = threading.Lock()
        self._told: Told | None = None
        self._read = float("-inf")

    def __call__(self) -> Told:
        """What is told now.

        Raises:
            IndexUnusable: the index cannot be asked now.
        """
        with self._lock:
            if self._told is None or time.monotonic() - self._read > _FRESH:
                self._told, self._read = _gather(self._live()), time.monotonic()
            return self._told


def _gather(node: Node) -> Told:
    said = status(node)
    with node.index() as index:
        access = {"access": [str(kind) for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed]}
        return Told(
            said,
            int(index.rows(_IMAGES, access)[0]["n"]),
            _sources(index),
            index.rows(_FAILURES, access),
            tuple(copies_of_slices(node, index))[:_MOST],
            node.config.replication.copies,
            list(readiness(node)),
        )


def _sources(index: Index) -> list[dict[str, Any]]:
    # Where a file of this house lies is nobody's business outside it.
    found = listing(index, "sources", _MOST, None, Principal.PUBLIC)
    return [row for row in found if not str(row["source"]).startswith("file:")]
