"""What following needs of a node, as protocols: so it decides the same on disks and in a simulation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from hashstore.blobstore import BlobStore
from hashstore.digest import Digest
from node.peers.examine import Judged
from provenance.keys import VerifierKey
from provenance.log.leaf import SegmentLeaf
from provenance.statement.proofs import Canonicalise

CheckRows: TypeAlias = Callable[[Mapping[int, SegmentLeaf]], Judged]
"""Recomputes rows of segments in the store, by log index."""


class Notes(Protocol):
    """What is remembered of followed logs; each call durable when it returns. `PeerStore` is one."""

    def taken(self, origin: str) -> int:
        """How many leaves of a log are here with all that they name."""
        ...

    def statements(self, origin: str, digests: Iterable[Digest]) -> dict[Digest, int]:
        """Which of some statements of a log count, with their log indexes."""
        ...

    def key_statements(self, origin: str) -> tuple[tuple[int, Digest], ...]:
        """The statements of a log about its keys, with their log indexes, in order."""
        ...

    def rekey(self, origin: str, keys: tuple[VerifierKey, ...]) -> None:
        """Remember the keys that a log itself has told of, the present one first."""
        ...

    def take(
        self,
        origin: str,
        size: int,
        refusals: dict[int, str],
        statements: dict[Digest, int],
        keys: set[Digest],
        *,
        void: frozenset[int],
        weight: int,
    ) -> None:
        """Say that what the first `size` leaves name is here; see `PeerStore.take`."""
        ...

    def weigh(self, origin: str, weight: int) -> None:
        """Count so many more bytes for a log."""
        ...

    def freeze(self, origin: str, reason: str, evidence: list[tuple[bytes, str]], at: str) -> None:
        """Take nothing more from a log, and keep what proves why; see `PeerStore.freeze`."""
        ...

    def note_sync(self, origin: str, at: str | None, trouble: str | None) -> None:
        """Take down how a sync ended; without `at`, the time of the last good one stays."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a node follows.

    Attributes:
        store: Its blobs.
        notes: What it remembers of followed logs.
        canonical_rdf: How strangers' RDF is read.
        check_rows: How strangers' rows are read.
    """

    store: BlobStore
    notes: Notes
    canonical_rdf: Canonicalise
    check_rows: CheckRows
