"""Values about peers and the logs that a node follows."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.keys import PublicKey, VerifierKey


@dataclass(frozen=True, slots=True)
class Peer:
    """Another node, by its address.

    Attributes:
        url: Its base URL, without a trailing slash.
        name: What it calls itself.
        origin: The origin of its own log; None where only a copy of static files is known.
        added: When the operator added it, UTC.
    """

    url: str
    name: str
    origin: str | None
    added: str


@dataclass(frozen=True, slots=True)
class FollowedLog:
    """A log whose statements and rows this node takes in.

    Attributes:
        key: The log's key under its origin, as the operator accepted it.
        identity: The key that signs the log's statements.
        institution: Who keeps the log, as its description says.
        added: Since when it is followed, UTC.
        frozen: Why nothing more is taken from it; None while all is well.
        synced: When a peer last showed its newest head, UTC; None before the first time.
        trouble: What went wrong the last time; None if nothing did.
    """

    key: VerifierKey
    identity: PublicKey
    institution: str
    added: str
    frozen: str | None = None
    synced: str | None = None
    trouble: str | None = None

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.key.name
