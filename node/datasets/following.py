"""Follow the logs that a dataset was made of, as one peer has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from node.compose import Node
from node.peers.add import add_peer
from node.peers.sync import follow_all


def follow_logs(node: Node, url: str, origins: Sequence[str], say: Callable[[str], None]) -> None:
    """Follow what is not followed yet, and sync.

    Which keys to believe is the peer's word; but the roots of the logs stand in the dataset's slice, whose
    digest is known from elsewhere, so that other logs of these names would be refused.

    Args:
        node: The node.
        url: The peer.
        origins: The logs.
        say: Told what goes on, in words.

    Raises:
        PeerError: the peer is no node, or has no such log.
    """
    known = {log.origin for log in node.peers.logs()} | {node.log_key.name}
    for origin in origins:
        if origin not in known:
            _, followed = add_peer(node, url, log=origin, key=None)
            say(f"Following {followed.institution}: {followed.key}")
    for result in follow_all(node, say):
        for trouble in result.trouble:
            say(f"{result.origin}: {trouble}")
