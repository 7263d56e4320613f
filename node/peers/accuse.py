"""Making a proof out of heads that contradict each other, while somebody still shows both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from node.errors import PeerError
from node.peers.heads import Offer
from provenance.errors import ProvenanceError
from provenance.keys import VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint
from provenance.log.files import FileSource
from provenance.log.mirror import Mirror
from provenance.log.tree import TileTree
from provenance.witness import EquivocationProof, contradiction


def prove_equivocation(
    mirror: Mirror, found: Sequence[Offer], keys: Iterable[VerifierKey]
) -> EquivocationProof | None:
    """The proof that a log signed two histories; None where what is shown proves none.

    Args:
        mirror: What is here of the log.
        found: What others show.
        keys: The log's keys.
    """
    known = tuple(keys)
    shown: list[tuple[bytes, FileSource]] = [(offer.signed, offer.tiles) for offer in found]
    here = mirror.signed_checkpoint()
    if here is not None:
        shown.insert(0, (here, mirror.source))

    def open_signed(data: bytes) -> Checkpoint:
        return open_checkpoint(data, *known)

    for (first, one), (second, other) in combinations(shown, 2):
        sources = {open_signed(second).head: other, open_signed(first).head: one}

        def trees(head: TreeHead, sources: dict[TreeHead, FileSource] = sources) -> TileTree:
            return TileTree(sources[head], head.size)

        try:
            proof = contradiction(first, second, open_signed, trees)
        except (PeerError, ProvenanceError):
            continue  # whoever shows that head does not show the tree under it
        if proof is not None:
            return proof
    return None
