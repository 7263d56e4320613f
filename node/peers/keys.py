"""The keys of a followed log, as its own statements have them: what counts, from which leaf on."""

from __future__ import annotations

from collections.abc import Iterable

from hashstore.blobstore import BlobStore
from hashstore.digest import Digest
from node.peers.ahead import history_ahead
from node.peers.bring import Sources
from node.peers.model import FollowedLog
from node.peers.remote import RemoteLog
from provenance.errors import BadSignature
from provenance.key_history import KeyHistory
from provenance.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint_text
from provenance.log.note import parse_note
from provenance.statement import parse_statement

MOST_AHEAD = 100_000  # leaves that are fetched on the word of a checkpoint whose key is yet to be proved


def known_history(store: BlobStore, places: Iterable[tuple[int, Digest]]) -> KeyHistory | None:
    """The history of a log out of its first statement and its key statements; None before the first is here.

    Args:
        store: Where the statements are.
        places: Their log indexes and digests, ascending.

    Raises:
        ProvenanceError: a statement does not hold; they were checked when they were taken.
    """
    history: KeyHistory | None = None
    for index, digest in places:
        statement = parse_statement(store.read(digest))
        history = KeyHistory.begin(statement) if history is None else history.advance(index, statement)
    return history


class KeyWatch:
    """Opens checkpoints of one followed log, and learns of new log keys from the leaves that lead to them."""

    def __init__(
        self, store: BlobStore, sources: Sources, log: FollowedLog, history: KeyHistory | None
    ) -> None:
        """Begins with what is known.

        Args:
            store: Where statements go.
            sources: Who may have them.
            log: The followed log.
            history: Its keys; None before its first leaf is here.
        """
        self._store = store
        self._sources = sources
        self._log = log
        self._history = history
        told = () if history is None else tuple(reversed(history.log_keys))
        self.keys = tuple(dict.fromkeys((*told, log.key, *log.former)))

    def open(self, remote: RemoteLog, signed: bytes, size: int) -> Checkpoint:
        """Read a checkpoint that somebody shows, and check that the log key of its size signed it.

        Args:
            remote: Who shows it, and has the leaves.
            signed: The checkpoint.
            size: How many leaves are here.

        Raises:
            ProvenanceError: it does not hold.
            PeerError: the leaves that would prove a new key cannot be had.
        """
        try:
            return self._known(signed)
        except BadSignature:
            said = parse_checkpoint_text(parse_note(signed).text)
            if said.origin != self._log.origin or not size < said.head.size <= size + MOST_AHEAD:
                raise
            leaves = enumerate(remote.leaves(size, said.head.size), size)
            ahead = history_ahead(self._store, self._sources, self._history, leaves)
            if ahead is None or self._log.key not in ahead.log_keys:
                raise
            checkpoint = ahead.open_checkpoint(signed)
            self.keys = tuple(dict.fromkeys((*reversed(ahead.log_keys), *self.keys)))
            return checkpoint

    def _known(self, signed: bytes) -> Checkpoint:
        if self._history is not None:
            return self._history.open_checkpoint(signed)
        checkpoint = open_checkpoint(signed, self._log.key)
        if checkpoint.origin != self._log.origin:
            raise BadSignature(
                f"The checkpoint is of the log {checkpoint.origin}, not of {self._log.origin}."
            )
        return checkpoint
