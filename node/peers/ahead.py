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
from provenance.errors import BadKeyChange, MalformedLeaf, ProvenanceError, RdfTimeout
from provenance.key_history import KEY_KINDS, KeyHistory
from provenance.keys import VerifierKey
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
        ProvenanceError: a change of keys may not be made, or cannot be read here (RdfTimeout).
        PeerError: nobody has a statement.
    """
    found, lacking = _statements(store, sources, leaves)
    _check_whole(lacking)
    return _folded(store, history, found)


def leads_to(
    store: BlobStore, sources: Sources, key: VerifierKey, leaves: Iterable[tuple[int, bytes]]
) -> str | None:
    """Why a log's first statement and its changes of keys do not lead to a key; None if they do.

    What nobody has, or is too large to be a statement, does not matter if the others lead there without it.

    Raises:
        PeerError: nobody has a statement without which that cannot be told.
    """
    found, lacking = _statements(store, sources, leaves)
    if 0 in lacking.values():
        _check_whole(lacking)
    try:
        history = _folded(store, None, found)
    except ProvenanceError as error:
        _check_whole(lacking)
        return str(error)
    if history is not None and history.origin == key.name and key in history.log_keys:
        return None
    _check_whole(lacking)
    return f"its first statement and what it says of keys do not lead to {key}"


def look_ahead(
    store: BlobStore, sources: Sources, history: KeyHistory | None, leaves: Iterable[tuple[int, bytes]]
) -> Ahead:
    """Read what leaves say of keys and of withdrawals; see `history_ahead` for arguments and errors."""
    notices: list[tuple[int, Statement, Withdrawal]] = []
    statements, lacking = _statements(store, sources, leaves)
    _check_whole(lacking)
    for index, digest in statements:
        history = _continued(store, history, index, digest)
        if (found := _notice(store, digest)) is not None:
            notices.append((index, *found))
    said = [withdrawal for index, one, withdrawal in notices if _counts(history, index, one)]
    named = {Digest.parse(text) for one in said for text in one.targets if _is_digest(text)}
    return Ahead(history, frozenset(named | superseded(said).keys()))


def _folded(
    store: BlobStore, history: KeyHistory | None, statements: Iterable[tuple[int, Digest]]
) -> KeyHistory | None:
    for index, digest in statements:
        history = _continued(store, history, index, digest)
    return history


def _statements(
    store: BlobStore, sources: Sources, leaves: Iterable[tuple[int, bytes]]
) -> tuple[list[tuple[int, Digest]], dict[Digest, int]]:
    """The statements that leaves name: those that are here now, and those that nobody has."""
    named: dict[Digest, int] = {}
    for index, raw in leaves:
        if (digest := _named(raw)) is not None:
            named.setdefault(digest, index)
    most = dict.fromkeys(named, LARGEST_STATEMENT)
    outcomes = dict(bring(store, sources, named, most=most))
    had = {digest for digest, outcome in outcomes.items() if outcome in (Outcome.HERE, Outcome.FETCHED)}
    lacking = {digest: index for digest, index in named.items() if digest not in had}
    return [(index, digest) for digest, index in named.items() if digest in had], lacking


def _check_whole(lacking: Iterable[Digest]) -> None:
    for digest in lacking:
        raise PeerError(
            f"Nobody who could be asked has the statement {digest}, so no key of the log can be proved."
        )


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
    except (BadKeyChange, RdfTimeout):  # what this machine has no time for may change keys
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
