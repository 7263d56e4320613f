"""`/locate` and `/audit`: what a node says of copies, and how it proves its own."""

from __future__ import annotations

from typing import Any

from hashstore.canonical import parse_json
from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from node.compose import Node
from node.errors import NodeError
from node.policy import Principal, decide
from node.serve.lookup import ServedBlobs
from node.slices.auditing import MalformedAudit, answer_audit, decode_request
from node.slices.locate import Holder, locate

MOST_LOCATED = 10_000


class BadQuestion(NodeError):
    """A request that is not what this address takes; the text says what it should be."""


def located(node: Node, body: bytes) -> dict[str, Any]:
    """Answer `POST /locate`.

    Raises:
        BadQuestion: the body is no list of digests.
    """
    with node.index() as index:
        found = locate(node, index, _digests(body), public=True)
    return {
        "holders": {digest.uri: [_written(holder) for holder in holders] for digest, holders in found.items()}
    }


def audited(node: Node, body: bytes) -> bytes | None:
    """Answer `POST /audit`; None if the blob is not here, or may not be read.

    Raises:
        BadQuestion: the body is no request.
    """
    try:
        request = decode_request(body)
    except MalformedAudit as error:
        raise BadQuestion(str(error)) from error
    served = ServedBlobs(node.layout.served)
    try:
        found = served.find(request.digest)
    finally:
        served.close()
    if found is None or not decide(Principal.PUBLIC, found.access).allowed:
        return None
    return answer_audit(node.store, request)


def _digests(body: bytes) -> list[Digest]:
    try:
        document = parse_json(body)
        named = document.get("digests") if isinstance(document, dict) else None
        if not isinstance(named, list) or not 1 <= len(named) <= MOST_LOCATED:
            raise BadQuestion(f'A request is {{"digests": [...]}} with 1 to {MOST_LOCATED:,} digests.')
        return [Digest.parse(str(text)) for text in named]
    except HashstoreError as error:
        raise BadQuestion(f"The request cannot be read: {error}") from error


def _written(holder: Holder) -> dict[str, Any]:
    return {
        "origin": holder.origin,
        "how": str(holder.how),
        "urls": list(holder.urls),
        "claim": holder.claim.uri if holder.claim else None,
        "slice": holder.slice.uri if holder.slice else None,
    }
