"""The order of a verification: bytes first, then what the log says of them, then the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from hashstore.blobstore import Fault, verify_store
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.peers.keys import known_history
from node.slices.promised import promised
from node.storage import TieredBlobStore
from node.verify.archive import verify_archive
from node.verify.claims import Claims, check_claims, named_by_followed, named_by_log
from node.verify.databases import check_databases, check_mirrors, check_served
from node.verify.fault import NodeFault
from node.verify.housekeeping import check_index
from node.verify.keys import check_keys, check_public_keys, own_history
from provenance.errors import ProvenanceError
from provenance.key_history import KeyHistory
from provenance.log.reader import CHECKPOINT
from provenance.log.verify import verify_log


def verify_node(
    node: Node, *, deep: bool, progress: Callable[[int], None], phase: Callable[[str], None]
) -> Iterator[NodeFault]:
    """Check a node and name everything that is wrong with it; nothing is changed.

    Args:
        node: The node.
        deep: Also check every statement, signature, segment root, log file, checkpoint and key, hash what
            lies in the archive, which else is only listed, and compare the index with one made anew.
        progress: Called with each number of bytes hashed.
        phase: Called with what is checked next, in words.
    """
    if strange := list(check_public_keys(node)):
        yield from strange
        phase("Hashing every blob; nothing more can be checked without sound public keys")
        yield from _hashed(node, [Claims(node)], deep, progress)
        return
    phase("Hashing every blob")
    claims = [named_by_log(node), *(named_by_followed(node, log) for log in node.peers.logs())]
    damaged = set[Digest]()
    for fault in _hashed(node, claims, deep, progress):
        if fault.digest is not None:
            damaged.add(fault.digest)
        yield fault
    if not deep:
        yield from (one.fault for one in claims if one.fault is not None)
    if deep:
        yield from _deep(node, claims, damaged, phase)


def _hashed(
    node: Node, claims: list[Claims], deep: bool, progress: Callable[[int], None]
) -> Iterator[NodeFault]:
    for fault in _store_faults(node, claims, deep, progress):
        message = _named(claims, fault.digest) + fault.message
        path = fault.path if isinstance(fault, NodeFault) else _relative(node, fault.path)
        yield NodeFault("store", fault.kind, path, message, fault.digest)


def _store_faults(
    node: Node, claims: list[Claims], deep: bool, progress: Callable[[int], None]
) -> Iterator[Fault | NodeFault]:
    expected = chain((digest for one in claims for digest in one.expected), promised(node))
    if not isinstance(node.store, TieredBlobStore):
        yield from verify_store(node.active, progress=progress, expected=expected)
        return
    yield from verify_store(node.active, progress=progress)
    yield from verify_archive(node.store, expected, deep=deep, progress=progress)


def _deep(
    node: Node, claims: list[Claims], damaged: set[Digest], phase: Callable[[str], None]
) -> Iterator[NodeFault]:
    phase("Checking keys and logs")
    history, faults = own_history(node)
    yield from faults
    yield from check_keys(node, history)
    yield from _log(node, history)
    yield from _mirrors(node)
    phase("Checking statements and segments")
    for one in claims:
        yield from check_claims(node, one, damaged, _history_of(node, one, history))
    phase("Checking journal and index")
    yield from check_databases(node)
    sound = all(one.fault is None for one in claims) and not damaged
    yield from check_index(node, sound=sound)
    if sound:
        yield from check_served(node)


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


def _history_of(node: Node, claims: Claims, own: KeyHistory | None) -> KeyHistory | None:
    if claims.followed is None:
        return own
    try:
        return known_history(node.store, node.peers.key_statements(claims.followed.origin))
    except (ProvenanceError, HashstoreError):
        return None  # a statement is damaged, which is told elsewhere


def _mirrors(node: Node) -> Iterator[NodeFault]:
    yield from check_mirrors(node)
    for log in node.peers.logs():
        folder = node.layout.mirror(log.origin)
        try:
            for fault in verify_log(folder, log.key, former=log.former):
                # Others may put their names under another's checkpoint: that is what witnesses do.
                if fault.kind != "foreign" or fault.path.name != CHECKPOINT:
                    yield NodeFault("log", fault.kind, _relative(node, fault.path), fault.message)
        except ProvenanceError as error:
            yield NodeFault("log", "bad", _relative(node, folder), str(error))


def _named(claims: list[Claims], digest: Digest | None) -> str:
    """What a damaged blob is, as far as the logs tell."""
    roles = (one.roles.get(digest) for one in claims) if digest else ()
    role = next((role for role in roles if role), None)
    return f"{role}: " if role else ""


def _relative(node: Node, path: Path) -> str:
    return str(path.relative_to(node.layout.root)) if path.is_relative_to(node.layout.root) else str(path)
