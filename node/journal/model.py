"""The values that a journal keeps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hashstore.digest import Digest


class Phase(StrEnum):
    """How far a crawl has come; phases only go forward."""

    GATHERING = "gathering"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class CrawlState:
    """A crawl that has begun and does not stand in the log yet.

    Attributes:
        crawl: Its IRI, `urn:uuid:...`.
        location: What the operator typed, made absolute; never leaves this node.
        options: What the operator chose, as canonical JSON; a resumed crawl must match it.
        started: RFC 3339 time in UTC.
        phase: How far it has come.
        statement: The statement it is about to append to the log, once it is finishing.
    """

    crawl: str
    location: str
    options: str
    started: str
    phase: Phase
    statement: Digest | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One image to fetch.

    Attributes:
        url: Where from.
        source: The source whose media rows name it.
        withheld: Whether a withheld media row names it.
        etag: The validator of the last answer, if any.
        last_modified: Likewise.
        known: The bytes that we hold for this address, if any.
    """

    url: str
    source: str
    withheld: bool = False
    etag: str | None = None
    last_modified: str | None = None
    known: Digest | None = None
