"""Values about peers and the logs that a node follows."""

from __future__ import annotations

from dataclasses import dataclass, field

from provenance.keys import PublicKey, VerifierKey
from provenance.witness import EquivocationProof


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
        former: Keys that the log had before, of which it has told itself.
        most: How many bytes it may have here; None for what node.toml says of all logs.
        used: How many its entries, statements and segments have here.
        void: How many of its entries were taken back by the revocation of a key.
    """

    key: VerifierKey
    identity: PublicKey
    institution: str
    added: str
    frozen: str | None = None
    synced: str | None = None
    trouble: str | None = None
    former: tuple[VerifierKey, ...] = ()
    most: int | None = None
    used: int = 0
    void: int = 0

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.key.name


@dataclass(slots=True)
class LogSync:
    """How the sync of one log went.

    Attributes:
        origin: The log.
        size: Its size here now.
        new: How many leaves are new.
        taken: Up to which leaf all that is named is here and judged.
        blobs: How many statements and segments were fetched.
        refused: Leaves that will never count, with the reasons.
        trouble: What went wrong, in words; nothing if all is well.
        frozen: Why nothing more is taken from this log.
        proof: The proof, if it is frozen because it signed two histories.
        unread: Whether it stands still because something could not be examined on this machine.
    """

    origin: str
    size: int = 0
    new: int = 0
    taken: int = 0
    blobs: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    trouble: list[str] = field(default_factory=list)
    frozen: str | None = None
    proof: EquivocationProof | None = None
    unread: bool = False

    @property
    def complete(self) -> bool:
        """Whether everything that the newest head names is here."""
        return not self.trouble and self.frozen is None and self.taken == self.size
