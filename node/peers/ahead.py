"""What the entries say that are in the mirror and not yet taken: about keys, and about what was withdrawn.

Asked when the log cannot go on: what nobody has any more, or what cannot be read here, may have been taken
back by its own publisher further on. Only the log itself is believed in this, never a peer's answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hashstore.blobstore import BlobStore
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.errors import PeerError
from node.peers.bring import Outcome, Sources, bring
from provenance.errors import BadKeyChange, MalformedLeaf, ProvenanceError
from provenance.key_history import KEY_KINDS, KeyHistory
from provenance.log.leaf import StatementLeaf, decode_leaf
from provenance.statement import Statement, parse_statement
from provenance.statement.kinds.withdrawal import Withdrawal, read_withdrawal
from provenance.statement.profile import LARGEST_STATEMENT
from provenance.withdrawal import superseded


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a log says further on.

    Attributes:
        history: Its keys, up to its end.
        withdrawn: What it says to be withdrawn or replaced, by digest.
    """

    history: KeyHistory | None
    withdrawn: frozenset[Digest]


def changes_keys(statement: Statement) -> bool:
    """Whether a statement says something about keys, if it counts."""
    return not KEY_KINDS.isdisjoint(statement.types) or "LogDescription" in statement.types


def history_ahead(
    store: BlobStore, sources: Sources, history: KeyHistory | None, leaves: Iterable[tuple[int, bytes]]
) -> KeyHistory | None:
    """The history as leaves that are not believed yet would continue it.

    Whoever makes up such leaves gains nothing: a change of keys counts by the keys that were known before.

    Args:
        store: Where statements go.
        sources: Who may have them.
        history: What is known; None before the first leaf.
        leaves: The leaves behind it, with their log indexes.

    Raises:
        ProvenanceError: a change of keys may not be made.
        PeerError: nobody has a statement.
    """
    for index, digest in _statements(store, sources, leaves):
        history = _continued(store, history, index, digest)
    return history


def look_ahead(
    store: BlobStore, sources: Sources, history: KeyHistory | None, leaves: Iterable[tuple[int, bytes]]
) -> Ahead:
    """Read what leaves say of keys and of withdrawals; see `history_ahead` for arguments and errors."""
    notices: list[tuple[int, Statement, Withdrawal]] = []
    for index, digest in _statements(store, sources, leaves):
        history = _continued(store, history, index, digest)
        if (found := _notice(store, digest)) is not None:
            notices.append((index, *found))
    said = [withdrawal for index, one, withdrawal in notices if _counts(history, index, one)]
    named = {Digest.parse(text) for one in said for text in one.targets if _is_digest(text)}
    return Ahead(history, frozenset(named | superseded(said).keys()))


def _statements(
    store: BlobStore, sources: Sources, leaves: Iterable[tuple[int, bytes]]
) -> list[tuple[int, Digest]]:
    """The statements that leaves name, all of them here now."""
    named: dict[Digest, int] = {}
    for index, raw in leaves:
        if (digest := _named(raw)) is not None:
            named.setdefault(digest, index)
    for digest, outcome in bring(store, sources, named, most=dict.fromkeys(named, LARGEST_STATEMENT)):
        if outcome not in (Outcome.HERE, Outcome.FETCHED):
            raise PeerError(
                f"Nobody who could be asked has the statement {digest}, so no key of the log can be proved."
            )
    return [(index, digest) for digest, index in named.items()]


def _continued(store: BlobStore, history: KeyHistory | None, index: int, digest: Digest) -> KeyHistory | None:
    """The history with one more statement; one that will be refused when it is taken changes nothing."""
    try:
        statement = parse_statement(store.read(digest))
        if history is None:
            return KeyHistory.begin(statement)
        if not changes_keys(statement):
            return history
        history.check_signer(index, statement)
        return history.advance(index, statement)
    except BadKeyChange:
        raise
    except ProvenanceError:
        return history


def _notice(store: BlobStore, digest: Digest) -> tuple[Statement, Withdrawal] | None:
    try:
        statement = parse_statement(store.read(digest))
        return (statement, read_withdrawal(statement)) if "Withdrawal" in statement.types else None
    except ProvenanceError:
        return None


def _counts(history: KeyHistory | None, index: int, statement: Statement) -> bool:
    try:
        assert history is not None
        history.check_signer(index, statement)
    except ProvenanceError:
        return False
    return True


def _is_digest(text: str) -> bool:
    try:
        return Digest.parse(text).uri == text
    except HashstoreError:
        return False


def _named(raw: bytes) -> Digest | None:
    try:
        leaf = decode_leaf(raw)
    except MalformedLeaf:
        return None
    return leaf.statement if isinstance(leaf, StatementLeaf) else None
