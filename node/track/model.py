"""The values of a crawl that is under way."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

WAITING = "Another vasculum process is writing to this node; waiting for it to end."
IMAGE_COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "fetched": "imagesFetched",
        "unchanged": "imagesUnchanged",
        "failed": "imagesFailed",
        "gone": "imagesGone",
    }
)
"""Outcomes of images, and how a crawl's statement calls their counts."""


@dataclass(frozen=True, slots=True)
class TrackOptions:
    """What the operator chose for one run.

    Attributes:
        images: Whether images are fetched, or records only.
        max_per_host: Connections to one host; None leaves it to node.toml.
        allow_private: Whether private addresses found in the source may be fetched.
        private_source: Whether the source's own host may have a private address, since who runs the node
            has named it.
    """

    images: bool = True
    max_per_host: int | None = None
    allow_private: bool = False
    private_source: bool = True


class Bar(Protocol):
    """Something that shows how far a phase has come."""

    def advance(self, steps: int = 1) -> None:
        """Move on by so many steps."""

    def resize(self, total: int | None) -> None:
        """Say how many steps there are in all."""


class Listener(Protocol):
    """Who is told what a crawl does, while it does it."""

    def say(self, text: str) -> None:
        """A sentence for a person."""

    def item(self, kind: str, fields: Mapping[str, Any]) -> None:
        """One thing that is done and durable: an archive, a quarantined row, a capture."""

    def phase(self, label: str, total: int | None) -> AbstractContextManager[Bar]:
        """A phase of the crawl; `total` in steps, None if unknown."""


@dataclass(frozen=True, slots=True)
class TrackSummary:
    """What a crawl came to.

    Attributes:
        crawl: IRI of the crawl.
        statement: `hash://` of its signed statement.
        log_index: Where that statement stands in the log.
        log_size: The log's size after it.
        rows: Records by source file, landed.
        quarantined: Records that could not land.
        changes: Rows that this crawl adds, changes or removes, by table.
        flagged: Public rows that look doubtful, by table and code (spec/quality.md).
        unlinked: Public media rows, added or changed, whose specimen the source lacks.
        images: Images by outcome: fetched, unchanged, failed, and gone.
        files: Local files by outcome, likewise.
        refused: Sources (archives of a feed, say) that could not be tracked.
        resumed: Whether it went on with a crawl that was cut short.
    """

    crawl: str
    statement: str
    log_index: int
    log_size: int
    rows: Mapping[str, int] = field(default_factory=dict)
    quarantined: int = 0
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    flagged: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unlinked: int = 0
    images: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    resumed: bool = False

    def fields(self) -> dict[str, Any]:
        """What a crawl came to, as JSON."""
        return {
            "rows": dict(self.rows),
            "quarantined": self.quarantined,
            "images": dict(self.images),
            "files": dict(self.files),
            "changes": {table: dict(counts) for table, counts in self.changes.items()},
            "flagged": {table: dict(counts) for table, counts in self.flagged.items()},
            "unlinked": self.unlinked,
            "refused": self.refused,
            "resumed": self.resumed,
            "crawl": self.crawl,
            "statement": self.statement,
            "logIndex": self.log_index,
            "logSize": self.log_size,
        }

    @property
    def partial(self) -> bool:
        """Whether some of what was asked for is not there."""
        return bool(self.quarantined or self.refused or self.images.get("failed") or self.files.get("failed"))
