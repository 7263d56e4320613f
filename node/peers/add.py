"""`peer add`: what another node says of itself, compared with what its log says, and remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from node.compose import Node
from node.errors import PeerError
from node.peers.client import PeerClient, PeerMisbehaved, Refusal
from node.peers.model import FollowedLog, Peer
from provenance.errors import KeyMaterialError
from provenance.keys import VerifierKey, parse_public_key

_LONGEST_NAME = 300
_LARGEST_DID = 64 * 1024


def add_peer(
    node: Node, url: str, *, log: str | None, key: str | None, most: int | None = None
) -> tuple[Peer, FollowedLog]:
    """Make another node a peer, and follow a log that it has.

    Args:
        node: This node.
        url: The peer's base URL.
        log: The origin of the log to follow; the peer's own if left out.
        key: The log's verifier key as the operator knows it from elsewhere; what the peer says must be that.
        most: How many bytes the log may have here; None for what node.toml says, or what was said before.

    Returns:
        The peer and the log, which are remembered now. Nothing of the log is fetched yet.

    Raises:
        PeerError: nobody answers there, it is no node, it has no such log, or its keys are other ones.
    """
    with PeerClient(url) as client:
        said = client.get_json("/.well-known/vasculum")
        head = _head(client, log) if log is not None else said
        did = client.get("/.well-known/did.json", _LARGEST_DID)
    if not isinstance(said, Mapping) or said.get("type") != "VasculumNode":
        raise PeerMisbehaved(f"{url}/.well-known/vasculum does not describe a Vasculum node.")
    if not isinstance(did, Refusal):
        _check_did(url, did, _text(said, "identity", url))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    followed = _followed(url, head, now)
    if key is not None and VerifierKey.parse(key) != followed.key:
        raise PeerError(
            f"{url} shows {followed.key} as the key of the log {followed.origin}, and you gave {key}. "
            "Nothing was added. Ask the institution by another way which is right."
        )
    if followed.origin == node.config.identity.origin:
        raise PeerError(
            f"{url} shows the log of this very node ({followed.origin}); a node does not follow itself."
        )
    peer = Peer(client.url, _text(said, "name", url), _text(said, "origin", url), now)
    node.peers.add(peer, replace(followed, most=most))
    return peer, node.peers.log(followed.origin)


def described_by(client: PeerClient) -> FollowedLog:
    """What a peer says now of its own log.

    Raises:
        PeerError: nobody answers there, or it is no node.
    """
    said = client.get_json("/.well-known/vasculum")
    if not isinstance(said, Mapping) or said.get("type") != "VasculumNode":
        raise PeerMisbehaved(f"{client.url}/.well-known/vasculum does not describe a Vasculum node.")
    return _followed(client.url, said, datetime.now(UTC).isoformat(timespec="seconds"))


def _check_did(url: str, data: bytes, identity: str) -> None:
    """The did:web document of the host names the identity key; a static copy of a node may have none."""
    try:
        document = json.loads(data)
        methods = document["verificationMethod"]
        keys = {f"did:key:{method['publicKeyMultibase']}" for method in methods}
    except (ValueError, KeyError, TypeError) as error:
        raise PeerMisbehaved(f"{url}/.well-known/did.json is no DID document.") from error
    if identity not in keys:
        shown = ", ".join(sorted(keys)) or "no key"
        raise PeerError(
            f"{url} says that it signs as {identity}, and its did:web document names {shown}. Nothing was "
            "added. Ask the institution by another way which is right."
        )


def _head(client: PeerClient, origin: str) -> Mapping[str, Any]:
    listed = client.get_json("/heads")
    heads = listed.get("heads") if isinstance(listed, Mapping) else None
    found = [head for head in heads or () if isinstance(head, Mapping)]
    for head in found:
        if head.get("origin") == origin:
            return {**head, "name": head.get("institution")}
    known = ", ".join(str(head.get("origin")) for head in found) or "none"
    raise PeerError(f"{client.url} has no log {origin}. It has: {known}.")


def _followed(url: str, said: Mapping[str, Any], now: str) -> FollowedLog:
    try:
        key = VerifierKey.parse(_text(said, "logKey", url))
        identity = parse_public_key(_text(said, "identity", url))
    except KeyMaterialError as error:
        raise PeerMisbehaved(f"{url} shows no usable keys: {error}") from error
    if key.name != _text(said, "origin", url):
        raise PeerMisbehaved(f"{url} shows the key of {key.name} for the log {said['origin']}.")
    return FollowedLog(key, identity, _text(said, "name", url), now)


def _text(said: Mapping[str, Any], name: str, url: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_NAME:
        raise PeerMisbehaved(f"{url} does not say its {name}.")
    return " ".join(value.split())
