"""Proofs that logs contradict themselves: kept, shown, and told to others in one's own log."""

from __future__ import annotations

from datetime import UTC, datetime

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.compose import Node
from node.errors import NotFound
from node.keys.rotate import publish
from node.witness.store import WitnessStore
from provenance.statement import issue, new_statement_id
from provenance.statement.kinds import Equivocation
from provenance.witness import EquivocationProof, encode_equivocation


def keep_proof(node: Node, origin: str, proof: EquivocationProof) -> None:
    """Keep a proof that this node has checked."""
    data = encode_equivocation(proof)
    with WitnessStore(node.layout.witnessed).writing() as writing:
        writing.accuse(origin, Digest.of(data), data)


def kept_proofs(node: Node, origin: str | None = None) -> tuple[tuple[str, Digest, bytes], ...]:
    """Every proof that is kept here, or those against one log: its name, the proof's digest, the file."""
    found = WitnessStore(node.layout.witnessed).equivocations()
    return tuple(each for each in found if origin in (None, each[0]))


def accuse(node: Node, origin: str) -> tuple[Digest, int]:
    """Tell the first proof against a log in this node's own log; the caller holds the writer lock.

    Returns:
        The digest of the proof's file, and where the statement stands.

    Raises:
        NotFound: there is no proof against that log here.
    """
    for _, digest, data in kept_proofs(node, origin):
        add_bytes(node.store, data)
        made = datetime.now(UTC)
        said = Equivocation(new_statement_id(), node.identity.public, origin, digest, made)
        return digest, publish(node, issue(said.document(), node.identity, made))
    raise NotFound(f"There is no proof here that the log {origin} contradicts itself.")
