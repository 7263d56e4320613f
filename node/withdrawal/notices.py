"""The notices and decisions that stand in the logs of an index, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from manifests.row_uri import RowUri
from node.config import Config
from node.index import OWN_LOG, Index
from provenance.errors import MalformedStatement
from provenance.statement import Statement
from provenance.statement.kinds.withdrawal import (
    Choice,
    WithdrawalDecision,
    read_decision,
    read_withdrawal,
)
from provenance.withdrawal import Effect, Notice, choices, effects

_STATEMENTS = (
    "SELECT log, iri, signer, document FROM statement WHERE kind = ? {where} ORDER BY log, log_index"
)


def notices_of(index: Index, own: str) -> tuple[Notice, ...]:
    """Every notice that can be read, one's own log first.

    Args:
        index: The open index.
        own: The origin of the node's own log.
    """
    return tuple(_notices(index, own))


def _notices(index: Index, own: str) -> Iterator[Notice]:
    rows = index.rows(_STATEMENTS.format(where=""), ["Withdrawal"])
    origins = index.origins() if rows else {}
    for row in rows:
        log = own if row["log"] == OWN_LOG else origins.get(row["log"])
        try:
            withdrawal = read_withdrawal(Statement(row["document"].encode(), row["iri"]))
        except MalformedStatement:
            continue  # kept and relayed, as every statement is; it says nothing that could take effect
        if log is not None:
            yield Notice(log, row["signer"], withdrawal)


def decisions_of(index: Index) -> tuple[WithdrawalDecision, ...]:
    """The operator's own decisions, in the order of the log."""
    rows = index.rows(_STATEMENTS.format(where=f"AND log = {OWN_LOG}"), ["WithdrawalDecision"])
    return tuple(read_decision(Statement(row["document"].encode(), row["iri"])) for row in rows)


def decided(index: Index) -> dict[str, Choice]:
    """The operator's choice on each notice, by IRI."""
    return choices(decisions_of(index))


def effects_in(index: Index, config: Config) -> tuple[Effect, ...]:
    """What the notices of all logs come to in this node."""
    own = config.identity.origin
    notices = notices_of(index, own)
    if not notices:
        return ()
    return effects(notices, own, frozenset(config.withdrawal.authorities), decided(index))


_PUBLISHED = (
    "SELECT 1 FROM leaf WHERE segment = $digest AND ($log IS NULL OR log = $log)",
    "SELECT 1 FROM capture WHERE digest = $digest AND ($log IS NULL OR log = $log)",
    # What was deleted has no row left; its notice did count.
    "SELECT 1 FROM withdrawn WHERE digest = $digest AND deletes AND ($log IS NULL OR log = $log)",
)


def reaches(index: Index, own: str, effect: Effect, target: str) -> bool:
    """Whether a thing that a notice names was published where the notice counts.

    Args:
        index: The open index.
        own: The origin of the node's own log.
        effect: What the notice comes to.
        target: One of the things that it names.
    """
    try:
        digest = RowUri.parse(target).segment if "#" in target else Digest.parse(target)
    except (HashstoreError, ManifestError):
        return False
    log = None if effect.reach is None else OWN_LOG if effect.reach == own else index.log_number(effect.reach)
    values = {"digest": digest.raw, "log": log}
    return any(index.rows(f"{query} LIMIT 1", values) for query in _PUBLISHED)
