"""The order of a verification: bytes first, then what the log says of them, then the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hashstore.blobstore import verify_store
from hashstore.digest import Digest
from node.compose import Node
from node.verify.claims import Claims, check_claims, named_by_log
from node.verify.fault import NodeFault
from node.verify.housekeeping import check_index, check_journal
from node.verify.keys import check_keys, check_public_keys, own_history
from provenance.errors import ProvenanceError
from provenance.key_history import KeyHistory
from provenance.log.verify import verify_log


def verify_node(
    node: Node, *, deep: bool, progress: Callable[[int], None], phase: Callable[[str], None]
) -> Iterator[NodeFault]:
    """Check a node and name everything that is wrong with it; nothing is changed.

    Args:
        node: The node.
        deep: Also check every statement, signature, segment root, log file, checkpoint and key, and
            compare the index with one made anew.
        progress: Called with each number of bytes hashed.
        phase: Called with what is checked next, in words.
    """
    if strange := list(check_public_keys(node)):
        yield from strange
        phase("Hashing every blob; nothing more can be checked without sound public keys")
        yield from _hashed(node, Claims(node), progress)
        return
    phase("Hashing every blob")
    claims = named_by_log(node)
    damaged = set[Digest]()
    for fault in _hashed(node, claims, progress):
        if fault.digest is not None:
            damaged.add(fault.digest)
        yield fault
    if claims.fault is not None and not deep:
        yield claims.fault
    if deep:
        yield from _deep(node, claims, damaged, phase)


def _hashed(node: Node, claims: Claims, progress: Callable[[int], None]) -> Iterator[NodeFault]:
    for fault in verify_store(node.store, progress=progress, expected=claims.expected):
        message = _named(claims, fault.digest) + fault.message
        yield NodeFault("store", fault.kind, _relative(node, fault.path), message, fault.digest)


def _deep(
    node: Node, claims: Claims, damaged: set[Digest], phase: Callable[[str], None]
) -> Iterator[NodeFault]:
    phase("Checking keys and log")
    history, faults = own_history(node)
    yield from faults
    yield from check_keys(node, history)
    yield from _log(node, history)
    phase("Checking statements and segments")
    yield from check_claims(node, claims, damaged, history)
    phase("Checking journal and index")
    yield from check_journal(node)
    yield from check_index(node, sound=claims.fault is None and not damaged)


def _log(node: Node, history: KeyHistory | None) -> Iterator[NodeFault]:
    former = () if history is None else history.log_keys
    own = () if history is None else tuple(key for _, key in history.post_quantum)
    asked = tuple(each.key for each in node.config.witness.asked)
    found = verify_log(
        node.layout.log, node.log_key, lock=node.layout.log_lock, former=former, cosigners=(*own, *asked)
    )
    try:
        for fault in found:
            yield NodeFault("log", fault.kind, _relative(node, fault.path), fault.message)
    except ProvenanceError as error:
        yield NodeFault("log", "bad", "log", str(error))


def _named(claims: Claims, digest: Digest | None) -> str:
    """What a damaged blob is, as far as the log tells."""
    role = claims.roles.get(digest) if digest else None
    return f"{role}: " if role else ""


def _relative(node: Node, path: Path) -> str:
    return str(path.relative_to(node.layout.root)) if path.is_relative_to(node.layout.root) else str(path)
