"""The operator's decision on a notice, and the bytes that go by it: by nothing else do any go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from hashstore.errors import BlobNotFound, HashstoreError
from manifests.access import AccessClass
from node.compose import Node
from node.errors import NotFound
from node.index import OWN_LOG, Index
from node.index.replaced import withdrawals_in
from node.look.access import access_of
from node.look.things import BlobThing
from node.withdrawal.made import gone_with
from node.withdrawal.notices import decisions_of, effects_in, notices_of
from provenance.log.leaf import StatementLeaf
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds.withdrawal import Choice, Withdrawal, WithdrawalDecision
from provenance.withdrawal import superseded


def decide(node: Node, notice: str, choice: Choice, description: str) -> WithdrawalDecision:
    """Record a decision in the node's own log; the caller holds the writer lock.

    Args:
        node: The node.
        notice: IRI of the withdrawal.
        choice: What is done with what it names.
        description: Why; public.

    Raises:
        NotFound: no log that this node knows has such a notice.
    """
    with node.index() as index:
        withdrawal = _notice(node, index, notice)
        deleted = tuple(sorted(set(_bytes_of(index, withdrawal)))) if choice is Choice.DELETE else ()
    decision = WithdrawalDecision(
        id=new_statement_id(),
        agent=node.identity.public,
        made=datetime.now(UTC),
        notice=notice,
        choice=choice,
        description=description,
        deleted=deleted,
    )
    statement = issue(decision.document(), node.identity, decision.made)
    node.log.append([StatementLeaf(add_bytes(node.store, statement.raw)).encode()])
    with node.index():
        pass  # opening it brings it up to the log
    return decision


def _notice(node: Node, index: Index, iri: str) -> Withdrawal:
    for notice in notices_of(index, node.config.identity.origin):
        if notice.withdrawal.id == iri:
            return notice.withdrawal
    raise NotFound(f"There is no withdrawal {iri} in any log that this node knows: vasculum withdrawals ls")


def _bytes_of(index: Index, withdrawal: Withdrawal) -> Iterator[Digest]:
    """The blobs that a notice takes back; whether each is really withdrawn is asked before it goes."""
    for text in withdrawal.targets:
        if "#" not in text:
            with suppress(HashstoreError):
                yield (digest := Digest.parse(text))
                yield from gone_with(index, digest)
    yield from superseded([withdrawal])
    # What stood in for the same segments until now held the rows as well.
    olds = {replacement.old for replacement in withdrawal.replacements}
    known = withdrawals_in(index.connection, OWN_LOG)
    gone = superseded(known).keys()
    made = (r.segment.digest for earlier in known for r in earlier.replacements if r.old in olds)
    yield from (digest for digest in made if digest in gone)


def delete_bytes(node: Node) -> int:
    """Remove what the operator decided to delete, as far as it is still here; the caller holds the lock.

    Only what is withdrawn goes: bytes that another log still shows stay.

    Returns:
        How many blobs were removed.
    """
    with node.index() as index:
        wanted = [digest for decision in _deciding(node, index) for digest in decision.deleted]
        doomed = [digest for digest in dict.fromkeys(wanted) if _may_go(index, digest)]
    removed = 0
    for digest in doomed:
        try:
            node.store.remove(digest)
            removed += 1
        except BlobNotFound:
            continue
    return removed


def _deciding(node: Node, index: Index) -> Iterator[WithdrawalDecision]:
    """The decisions to delete that still stand."""
    standing = {
        effect.notice.withdrawal.id
        for effect in effects_in(index, node.config)
        if effect.choice is Choice.DELETE
    }
    return (decision for decision in decisions_of(index) if decision.notice in standing)


def _may_go(index: Index, digest: Digest) -> bool:
    leaves = index.rows("SELECT DISTINCT access FROM leaf WHERE segment = ?", [digest.raw])
    if leaves:
        return {row["access"] for row in leaves} == {"withdrawn"}
    return access_of(index, BlobThing(digest)) is AccessClass.WITHDRAWN
