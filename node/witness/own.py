"""Putting together this node's part in witnessing: its key, whom it witnesses, and who witnesses it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from node.compose import Node
from node.keys.load import load_key, passphrase
from node.peers.keys import known_history
from node.peers.model import FollowedLog
from node.witness.ask import Gathered, gather
from node.witness.service import Witness
from node.witness.store import WitnessStore
from provenance.cosignature import Cosigner
from provenance.errors import KeyMaterialError
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint


def own_cosigner(node: Node) -> Cosigner:
    """The key with which this node cosigns, under its log's name and `/witness`; made when first needed.

    Raises:
        KeyMaterialError: its file cannot be read or written.
    """
    path = node.layout.witness_key
    if not path.exists():
        # Several workers of one server may come here at once: one of them makes the key.
        with suppress(KeyMaterialError):
            SigningKey.generate().save(path, passphrase())
    return Cosigner(f"{node.config.identity.origin}/witness", load_key(path))


def own_witness(node: Node) -> Witness:
    """This node as a witness of the logs that it follows, and of no others."""

    def keys_of(checkpoint: Checkpoint) -> Sequence[VerifierKey] | None:
        for log in node.peers.logs():
            # A frozen log has contradicted itself or changed hands: nothing of it is vouched for.
            if log.origin == checkpoint.origin and log.frozen is None:
                return _keys_at(node, log, checkpoint.head.size)
        return None

    def accused(origin: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        node.peers.freeze(origin, "its key signed two histories, as this node found as a witness", [], now)

    store = WitnessStore(node.layout.witnessed)
    return Witness(store, [own_cosigner(node)], keys_of, accused=accused)


def _keys_at(node: Node, log: FollowedLog, size: int) -> tuple[VerifierKey, ...]:
    """The key that has to sign a head of a size, as the log itself has told of its keys.

    A former key signs nothing newer: whoever stole it could have a head cosigned that is not the log's. And a
    head of its own time is signed by it, though the log has another one now.
    """
    history = known_history(node.store, node.peers.key_statements(log.origin))
    if history is None or log.key not in history.log_keys:
        return (log.key,)  # proved by what is in the log and not yet taken
    due = history.log_key_at(size)
    return (due,) if history.log_counts(due.key, size) else ()


def gather_for(node: Node) -> Gathered:
    """Ask the witnesses that node.toml names to cosign this node's newest checkpoint.

    Raises:
        LogError: the log cannot be read, or the checkpoint cannot be replaced.
    """
    import httpx

    settings = node.config.witness
    with httpx.Client(timeout=settings.timeout, follow_redirects=False) as client:
        return gather(
            node.log, settings.asked, settings.threshold, client, WitnessStore(node.layout.witnessed)
        )
