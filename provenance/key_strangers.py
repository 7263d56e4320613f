"""Who else signed a statement of a log, and had no business to (spec/following.md, spec/keys.md)."""

from __future__ import annotations

from provenance.key_history import KeyHistory
from provenance.keys import PublicKey
from provenance.statement.kinds.key_change import KeyRole, read_key_change
from provenance.statement.kinds.reading import key_commitment
from provenance.statement.statement import Statement


def strangers(
    history: KeyHistory, index: int, statement: Statement, signers: frozenset[PublicKey]
) -> frozenset[PublicKey]:
    """The signers that a log's statement may not have.

    A change of identity is signed by the new key as well, a revocation by the key that is the next one there.

    Args:
        history: The log's keys, with this statement taken into account, and however many more.
        index: The place of its leaf.
        statement: The statement.
        signers: Who signed it.

    Raises:
        MalformedStatement: it is a damaged change of keys.
    """
    allowed = {history.identity_at(index)}
    if "KeyChange" in statement.types and (change := read_key_change(statement)).role is KeyRole.IDENTITY:
        allowed.add(change.new)
    if "KeyRevocation" in statement.types:
        allowed |= {key for key in signers if _is_next(history, index, key)}
    return signers - allowed


def _is_next(history: KeyHistory, index: int, key: PublicKey) -> bool:
    later = next((span.key for span in history.identities if span.start > index), None)
    if later is not None:
        return key == later
    return history.next_identity is not None and key_commitment(key) == history.next_identity
