"""What a node says of itself and of the logs that it has: node document, did:web, newest heads."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from node.compose import Node
from node.layout import mirror_name
from provenance.errors import ProvenanceError
from provenance.keys import PublicKey, VerifierKey
from provenance.log.reader import LogReader

ENDPOINTS = {
    "blob": "/blob/sha256/{hex}",
    "log": "/log/",
    "heads": "/heads",
    "mirror": "/mirror/{originHash}/",
    "pack": "/pack",
    "locate": "/locate",
    "datasets": "/api/datasets",
}


def node_document(node: Node) -> dict[str, Any]:
    """`/.well-known/vasculum`: what a peer needs to follow this node."""
    identity = node.config.identity
    return told_of_node(identity.name, node.log_key, node.identity_public, version("vasculum"))


def told_of_node(name: str, log_key: VerifierKey, identity: PublicKey, release: str) -> dict[str, Any]:
    """The node document of an institution with these keys, which runs this release."""
    return {
        "type": "VasculumNode",
        "name": name,
        "origin": log_key.name,
        "logKey": str(log_key),
        "identity": identity.did,
        "software": f"vasculum {release}",
        "endpoints": ENDPOINTS,
    }


def did_document(node: Node, host: str) -> dict[str, Any]:
    """`/.well-known/did.json`: the node's identity key under its own host name (did:web).

    Args:
        node: The node.
        host: Host and port under which it was asked, such as `node.museum.example`.
    """
    return told_of_key(node.identity_public, host)


def told_of_key(identity: PublicKey, host: str) -> dict[str, Any]:
    """The did:web document of a host whose node has this identity key."""
    did = "did:web:" + host.replace(":", "%3A")
    multibase = identity.did.removeprefix("did:key:")
    method = f"{did}#{multibase}"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "alsoKnownAs": [identity.did],
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}
        ],
        "assertionMethod": [method],
    }


def heads(node: Node) -> dict[str, Any]:
    """`/heads`: the newest checkpoint of each log that is kept or followed here, and where it lies."""
    own = {
        "origin": node.config.identity.origin,
        "path": "/log/",
        "logKey": str(node.log_key),
        "identity": node.identity_public.did,
        "institution": node.config.identity.name,
        "frozen": None,
    }
    found = [own | {"checkpoint": _checkpoint(node.reader)}]
    for log in node.peers.logs():
        about = {
            "origin": log.origin,
            "path": f"/mirror/{mirror_name(log.origin)}/",
            "logKey": str(log.key),
            "identity": log.identity.did,
            "institution": log.institution,
            "frozen": log.frozen,
        }
        found.append(about | {"checkpoint": _checkpoint(node.followed(log))})
    return {"heads": [head for head in found if head["checkpoint"] is not None]}


def _checkpoint(reader: LogReader) -> str | None:
    try:
        signed = reader.signed_checkpoint()
    except ProvenanceError:
        return None  # damaged here: nothing to hand on
    return None if signed is None else signed.decode()
