"""One round of following one log: believe a head, grow the mirror, take in what the new leaves name."""

from __future__ import annotations

from collections.abc import Sequence

from hashstore.blobstore import add_bytes
from node.errors import LimitReached
from node.peers.accuse import prove_equivocation
from node.peers.bring import Sources
from node.peers.desk import Desk
from node.peers.heads import Offer, grow, offers
from node.peers.keys import KeyWatch, known_history
from node.peers.model import FollowedLog, LogSync
from node.peers.remote import RemoteLog
from node.peers.take import take_named
from provenance.log.mirror import Mirror
from provenance.witness import encode_equivocation


def follow_log(
    desk: Desk,
    log: FollowedLog,
    mirror: Mirror,
    remotes: Sequence[RemoteLog],
    sources: Sources,
    now: str,
    *,
    examine: bool = True,
) -> LogSync:
    """Sync one followed log with everybody who shows it.

    Args:
        desk: Where it is followed.
        log: The log, which is not frozen.
        mirror: What is here of it.
        remotes: Where it is shown.
        sources: Who may have what it names.
        now: The time, UTC.
        examine: Take in what the entries name; else only the entries themselves are fetched.

    Returns:
        How it went; the desk's notes say the same.
    """
    before = mirror.head().size
    result = LogSync(log.origin, before, taken=desk.notes.taken(log.origin))
    history = known_history(desk.store, desk.notes.key_statements(log.origin))
    watch = KeyWatch(desk.store, sources, log, history)
    found = offers(remotes, watch, before, mirror.signed_checkpoint(), result.trouble)
    if watch.keys[0] != log.key:
        # Before the mirror shows a head by the new key, or nobody could read it.
        desk.notes.rekey(log.origin, watch.keys)
        mirror = mirror.under(*watch.keys)
    try:
        result.frozen = _grow(desk, log, mirror, found, result, sources)
        if result.frozen is None and examine:
            result.frozen = take_named(desk, log, mirror, result, sources, history)
        elif log.trouble is not None:
            result.trouble.append(log.trouble)
    except LimitReached as error:
        result.trouble.append(str(error))
    result.blobs = sources.fetched
    if result.frozen is not None:
        result.proof = prove_equivocation(mirror, found, watch.keys)
        if result.proof is not None:
            digest = add_bytes(desk.store, encode_equivocation(result.proof))
            result.frozen = f"{result.frozen} (proof: {digest})"
        desk.notes.freeze(log.origin, result.frozen, _evidence(mirror, found), now)
        return result
    seen = now if found and not result.trouble else None
    desk.notes.note_sync(log.origin, seen, " ".join(result.trouble) or None)
    return result


def _grow(
    desk: Desk, log: FollowedLog, mirror: Mirror, found: list[Offer], result: LogSync, sources: Sources
) -> str | None:
    """Fetch the entries up to the newest head; why the log must be frozen, if it must."""
    before, spent = mirror.head().size, sources.spent
    try:
        return grow(mirror, found, result.trouble)
    finally:
        result.size = mirror.head().size
        result.new = result.size - before
        if result.new:
            desk.notes.weigh(log.origin, sources.spent - spent)


def _evidence(mirror: Mirror, found: Sequence[Offer]) -> list[tuple[bytes, str]]:
    known = mirror.signed_checkpoint()
    kept = [(known, "here")] if known is not None else []
    return kept + [(offer.signed, offer.remote.url) for offer in found]
