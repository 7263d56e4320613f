"""Following: the newest head of each log, what leads to it, what it names; checked before it counts."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

from crawlers.errors import CrawlerError
from hashstore.errors import HashstoreError
from manifests.errors import ManifestError
from node.compose import Node
from node.errors import DiskNearlyFull, NodeBusy, NodeError, PeerError
from node.layout import mirror_name
from node.peers.allowance import Allowance, check_floor
from node.peers.bring import Outcome, Sources, bring
from node.peers.desk import Desk
from node.peers.examine import examine_segments
from node.peers.follow import follow_log
from node.peers.lines import Lines
from node.peers.model import FollowedLog, LogSync, Peer
from node.peers.patience import Patience
from node.peers.remote import RemoteLog
from node.peers.successor import follow_successor
from node.witness.proofs import keep_proof
from provenance.errors import ProvenanceError
from provenance.log.mirror import Mirror
from provenance.statement.box import RdfBox

_LARGEST_BITMAP = 16 << 20  # bytes; for more than a hundred million members
_RDF_SECONDS = 60.0  # for a statement; a machine that does much else needs more than one at rest


def follow_all(
    node: Node, say: Callable[[str], None] = lambda text: None, patience: Patience | None = None
) -> list[LogSync]:
    """Sync with every peer, once; what one of them does wrong keeps nobody else from being synced.

    Args:
        node: The node.
        say: Told what goes on, in words.
        patience: Whose entries are not to be examined at every sync; all are, if it is left out.

    Raises:
        NodeBusy: another process of this node is syncing.
        DiskNearlyFull: less of the disk is free than the operator wants to keep so.
    """
    patience, lines = patience or Patience(), Lines()
    with _alone(node):
        logs = node.peers.logs()
        had = {log.origin: node.peers.taken(log.origin) for log in logs}
        node.store.sweep()  # what a killed sync was fetching
        results = []
        for log in logs:
            check_floor(node.layout.root, node.config.follow.keep_free)
            results.append(_guarded(node, log, say, patience, lines))
        for log, result in zip(logs, results, strict=True):
            if (result.frozen or result.trouble) and follow_successor(node, log, say) is not None:
                say("Its entries come with the next sync.")
        if any(result.taken > had[result.origin] for result in results):
            from node.similar.following import bring_vectors

            _bring_bitmaps(node, say)
            bring_vectors(node, say)
        return results


def _bring_bitmaps(node: Node, say: Callable[[str], None]) -> None:
    """Fetch what new claims say that they lack: a claim counts for nothing without, in `/locate` as here."""
    from node.slices.claims import lacking_bitmaps

    with node.index() as index:  # opening it brings it up to the logs
        lacking = lacking_bitmaps(node, index)
    if not lacking:
        return
    sources = Sources([peer.url for peer in node.peers.peers()], say)
    try:
        most = dict.fromkeys(lacking, _LARGEST_BITMAP)
        had = [outcome for _, outcome in bring(node.store, sources, lacking, most=most)]
    except HashstoreError as error:
        say(f"Bitmaps of claims could not be kept: {error}")
        return
    finally:
        sources.close()
    if short := sum(outcome is not Outcome.FETCHED for outcome in had):
        say(f"{short:,} claims do not count: the bitmaps of what they lack could not be had.")


@contextmanager
def _alone(node: Node) -> Iterator[None]:
    with open(node.layout.root / "sync.lock", "w") as guard:
        try:
            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NodeBusy("Another vasculum process of this node is syncing. Let it end.") from error
        yield


def _guarded(
    node: Node, log: FollowedLog, say: Callable[[str], None], patience: Patience, lines: Lines
) -> LogSync:
    """Follow one log; what cannot be done with it, or here, is told and tried again at the next sync."""
    try:
        result = _follow(node, log, say, lines, examine=patience.examines(log.origin))
        patience.note(log.origin, unread=result.unread)
        return result
    except DiskNearlyFull as error:
        node.peers.note_sync(log.origin, None, str(error))
        raise
    except (NodeError, ProvenanceError, ManifestError, HashstoreError, CrawlerError, OSError) as error:
        node.peers.note_sync(log.origin, None, str(error))
        taken = node.peers.taken(log.origin)
        return LogSync(log.origin, taken, taken=taken, trouble=[str(error)], frozen=log.frozen)


def _follow(
    node: Node, log: FollowedLog, say: Callable[[str], None], lines: Lines, *, examine: bool
) -> LogSync:
    mirror = Mirror(node.layout.mirror(log.origin), log.key, former=log.former)
    if log.frozen is not None:
        size, taken = mirror.head().size, node.peers.taken(log.origin)
        return LogSync(log.origin, size, taken=taken, frozen=log.frozen)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    order = _order(node, log)
    most = node.config.follow.most_bytes if log.most is None else log.most
    allowance = Allowance(log.origin, most - log.used, most, node.layout.root, node.config.follow.keep_free)
    sources = Sources([peer.url for peer in order], say, connect=lines, allow=allowance)
    try:
        with _remotes(node, log, sources, lines) as remotes, RdfBox(_RDF_SECONDS) as box:
            check_rows = partial(examine_segments, node.store.path)
            desk = Desk(node.store, node.peers, box.canonicalise, check_rows)
            result = follow_log(desk, log, mirror, remotes, sources, now, examine=examine)
            if result.proof is not None:
                keep_proof(node, log.origin, result.proof)
            return result
    finally:
        sources.close()


def _order(node: Node, log: FollowedLog) -> list[Peer]:
    """Peers, the log's own keeper in front."""
    return sorted(node.peers.peers(), key=lambda peer: peer.origin != log.origin)


@contextmanager
def _remotes(node: Node, log: FollowedLog, sources: Sources, lines: Lines) -> Iterator[list[RemoteLog]]:
    """Where the log may be had: at its keeper, and as a mirror at everybody else."""
    clients, found = [], []
    try:
        for peer in _order(node, log):
            try:
                client = lines(peer.url)
            except PeerError:
                continue
            clients.append(client)
            own = peer.origin == log.origin
            prefix = "/log/" if own else f"/mirror/{mirror_name(log.origin)}/"
            found.append(RemoteLog(client, prefix, sources.charge))
        yield found
    finally:
        for client in clients:
            client.close()
