"""What somebody asks with: a picture of this node or of its peers, and a region of it."""

from __future__ import annotations

from typing import Any, Final

from analyzers.region import Region, parse_region
from hashstore.digest import Digest
from node.compose import Node
from node.errors import NotFound, PeerError
from node.index import Index
from node.look.access import require
from node.look.things import BlobThing
from node.peers.client import PeerClient, Refusal
from node.policy import Principal
from node.similar.embedder import UnreadableQuery

LARGEST_PICTURE: Final = 256 << 20  # bytes of one that is asked with by its digest
_MOST_PEERS: Final = 4
_NAMED: Final = """
SELECT 1 FROM capture WHERE digest = $raw AND access = $access
UNION ALL SELECT 1 FROM analysis WHERE digest = $raw AND access = $access
UNION ALL SELECT 1 FROM finding WHERE derivative = $raw AND access = $access LIMIT 1
"""
_RECORD: Final = """
SELECT s.scientificName, s.institutionCode, s.catalogNumber FROM capture c
JOIN media m ON m.log = c.log AND m.accessURI = c.url AND m.current AND m.access = 'public'
JOIN specimen s ON s.log = m.log AND s.source = m.source AND s.id = m.id AND s.current AND s.access = 'public'
WHERE c.digest = ? LIMIT 1
"""


def asked_region(text: str | None) -> Region | None:
    """A region as people write it: four numbers, or any form of spec/analyzers.md.

    Raises:
        MalformedRegion: it is none.
    """
    if text is None:
        return None
    return parse_region(text if "=" in text else f"xywh=pixel:{text}")


def require_image(index: Index, digest: Digest) -> None:
    """Whether the public may know of an image: some public row names it, and policy allows.

    Raises:
        Withdrawn: it was public once and has been taken back.
        NotFound: there is none, or none that is shown; the two are told alike.
    """
    require(index, BlobThing(digest), Principal.PUBLIC)
    if not index.rows(_NAMED, {"raw": digest.raw, "access": "public"}):
        raise NotFound("This node knows nothing of that.")


def record_of(index: Index, digest: Digest) -> dict[str, Any]:
    """Of which specimen an image is: the name, and by which number in which collection it is found."""
    row = index.one(_RECORD, [digest.raw]) or {}
    return {name: value for name, value in row.items() if value is not None}


def picture_bytes(node: Node, digest: Digest) -> bytes | None:
    """The bytes of an image, out of the store or from a peer; those of a peer are not kept.

    Returns:
        None if nobody who can be asked has them.

    Raises:
        UnreadableQuery: it is larger than what is looked at.
    """
    if not node.store.contains(digest):
        return _from_peers(node, digest)
    if node.store.size(digest) > LARGEST_PICTURE:
        raise UnreadableQuery(f"The picture has more than {LARGEST_PICTURE >> 20} MiB.")
    return node.store.read(digest)


def _from_peers(node: Node, digest: Digest) -> bytes | None:
    for peer in node.peers.peers()[:_MOST_PEERS]:
        try:
            with PeerClient(peer.url) as client:
                found = client.get(f"/blob/sha256/{digest.hex}", LARGEST_PICTURE)
        except PeerError:
            continue
        if not isinstance(found, Refusal) and Digest.of(found) == digest:
            return found
    return None
