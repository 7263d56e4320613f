"""By which right a new log continues an old one (spec/decisions/0009)."""

from __future__ import annotations

from provenance.errors import BadKeyChange
from provenance.key_history import KeyHistory
from provenance.statement.kinds.log_successor import LogSuccessor, read_log_successor
from provenance.statement.kinds.reading import key_commitment
from provenance.statement.signers import check_signed
from provenance.statement.statement import Statement


def check_succession(old: KeyHistory, new: KeyHistory, succession: Statement) -> LogSuccessor:
    """Checks that a new log continues an old one by right.

    The first identity key of the new log has to be the one that the old log had committed to as its next;
    where it had committed to none, its active one.

    Args:
        old: the history of the old log up to the head that the succession names.
        new: the history of the new log.
        succession: the statement at leaf 1 of the new log.

    Raises:
        BadKeyChange: the new log has no right to continue the old one.
        StatementError, BadSignature: the statement is damaged, or a proof does not hold.
    """
    said = read_log_successor(succession)
    heir = new.identities[0].key
    check_signed(succession, heir)
    if (said.predecessor, said.origin) != (old.origin, new.origin) or old.origin == new.origin:
        raise BadKeyChange(
            f"The succession is about {said.predecessor} and {said.origin}, "
            f"not {old.origin} and {new.origin}."
        )
    if old.next_identity is not None:
        rightful = key_commitment(heir) == old.next_identity
    else:
        rightful = heir == old.identity
    if not rightful:
        raise BadKeyChange(
            f"The log {new.origin} claims to continue {old.origin}, but its identity key is not the one that "
            "the old log had committed to as its next. Ask the institution before you follow it."
        )
    return said
