"""The proof of a thing made and judged on the spot, as a stranger would judge it with this node's keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hashstore.digest import Digest
from hashstore.errors import HashstoreError
from manifests.citing import FORMATS
from node.cite import bundle_of, cited_thing
from node.compose import Node
from node.errors import NotFound
from node.index import Index
from node.look.things import BlobThing, Thing
from provenance.citation.trust import TrustedKeys
from provenance.citation.verify import Verdict, verify_bundle
from provenance.errors import ProvenanceError

_LARGEST_HASHED: Final = 256 << 20  # bytes; hashing more would keep a reader waiting


@dataclass(frozen=True, slots=True)
class Bytes:
    """What lies here of a blob.

    Attributes:
        here: Whether it does.
        size: Its length.
        right: Whether it hashes to its name; None if that was not tried.
    """

    here: bool
    size: int | None = None
    right: bool | None = None


def prove(node: Node, index: Index, thing: Thing) -> tuple[Verdict | None, str]:
    """Make the citation bundle of a thing and judge it; without a verdict, says why there is none."""
    try:
        text = FORMATS["text"](cited_thing(node, index, thing))
        bundle = bundle_of(node, index, thing, text)
    except (NotFound, ProvenanceError) as error:
        return None, str(error)
    return verify_bundle(bundle, trusted_here(node)), ""


def trusted_here(node: Node) -> TrustedKeys:
    """The node's own log, and every log that its operator chose to follow."""
    return TrustedKeys.parse([str(node.log_key), *(str(log.key) for log in node.peers.logs())])


def hash_again(node: Node, thing: Thing) -> Bytes | None:
    """Hash the bytes of a blob that lie here; None of what is no blob."""
    if not isinstance(thing, BlobThing):
        return None
    if not node.store.contains(thing.digest):
        return Bytes(here=False)
    size = node.store.size(thing.digest)
    if size > _LARGEST_HASHED:
        return Bytes(True, size)
    try:
        return Bytes(True, size, Digest.of(node.store.read(thing.digest)) == thing.digest)
    except HashstoreError:
        return Bytes(True, size, right=False)
