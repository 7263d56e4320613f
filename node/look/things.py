"""What an identifier can name. `log` is the number of the log in the index; 0 is the node's own."""

from __future__ import annotations

from dataclasses import dataclass

from hashstore.digest import Digest
from manifests.row_uri import RowUri


@dataclass(frozen=True, slots=True)
class BlobThing:
    """Bytes that we hold, or once held."""

    digest: Digest


@dataclass(frozen=True, slots=True)
class StatementThing:
    """A signed statement; `iri` is what it calls itself."""

    digest: Digest
    iri: str
    kind: str
    log: int
    log_index: int


@dataclass(frozen=True, slots=True)
class SegmentThing:
    """A segment of a table."""

    digest: Digest
    table: str
    rows: int
    log: int
    log_index: int


@dataclass(frozen=True, slots=True)
class RowThing:
    """One row of a segment."""

    uri: RowUri
    table: str
    log: int
    log_index: int


@dataclass(frozen=True, slots=True)
class SnapshotThing:
    """The state of the node's log at one size, named by the digest of its checkpoint's text."""

    digest: Digest
    size: int


Thing = BlobThing | StatementThing | SegmentThing | RowThing | SnapshotThing
