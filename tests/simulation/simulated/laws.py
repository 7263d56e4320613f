"""What must hold in every world at every moment, and what must hold once messages flow again."""

from __future__ import annotations

import io
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from hashstore.blobstore.interface import BlobStore
from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.access import AccessClass
from provenance.errors import MalformedLeaf
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead, open_checkpoint
from provenance.log.leaf import SegmentLeaf, decode_leaf
from provenance.log.tiles import WIDTH
from provenance.log.tree import TileTree
from provenance.witness import check_equivocation
from simulated.memo import memo

if TYPE_CHECKING:
    from node.peers.model import LogSync
    from simulated.peer import Branch, SimulatedPeer


class Broken(AssertionError):
    """A law of the federation does not hold."""


class Laws:
    """The laws, over the truth that only the simulation knows: what each owner really signed."""

    def __init__(self, peers: Sequence[SimulatedPeer]) -> None:
        self._peers = peers
        self._seen: dict[tuple[int, int], tuple[TreeHead, bool]] = {}

    def hold(self, reader: SimulatedPeer, number: int) -> None:
        """At every moment, for one honest follower of one log.

        Raises:
            Broken: one does not.
        """
        owner, head = self._peers[number], reader.mirror(number).head()
        known = [branch for branch in owner.branches if _has(branch, head)]
        if not known:
            raise Broken(f"{_who(reader, owner)}: a head of {head.size} that its owner never signed")
        self._no_way_back(reader, owner, head)
        self._only_what_counts(reader, owner, known[0])
        if owner.who.origin in reader.notes.frozen:
            self._frozen_with_proof(reader, owner)

    def _no_way_back(self, reader: SimulatedPeer, owner: SimulatedPeer, head: TreeHead) -> None:
        place, frozen = (reader.number, owner.number), owner.who.origin in reader.notes.frozen
        before, was_frozen = self._seen.get(place, (EMPTY_HEAD, False))
        self._seen[place] = (head, frozen)
        if head.size < before.size or not any(_has(b, head) and _has(b, before) for b in owner.branches):
            raise Broken(f"{_who(reader, owner)}: from {before.size} leaves it went to {head.size} others")
        if was_frozen and (head != before or not frozen):
            raise Broken(f"{_who(reader, owner)}: it was frozen and moved")

    def _only_what_counts(self, reader: SimulatedPeer, owner: SimulatedPeer, branch: Branch) -> None:
        taken = reader.notes.taken(owner.who.origin)
        refused = reader.notes.refusals(owner.who.origin)
        void = branch.void(taken)
        for index in range(taken):
            counts = branch.counts[index] and index not in void
            if counts != (index not in refused):
                reason = refused.get(index, "nothing was said against it")
                what = "must count" if counts else "is void" if index in void else "is forged"
                raise Broken(f"{_who(reader, owner)}: entry {index} {what}; {reason}")
        if beyond := [index for index in refused if index >= taken]:
            raise Broken(f"{_who(reader, owner)}: entries {beyond} are refused before they were all here")

    def _frozen_with_proof(self, reader: SimulatedPeer, owner: SimulatedPeer) -> None:
        if len(owner.branches) == 1 and not owner.unfounded:
            raise Broken(f"{_who(reader, owner)}: frozen, and its owner signed one history only")
        heads = [open_checkpoint(raw, owner.who.key).head for raw in reader.notes.evidence(owner.who.origin)]
        if not any(_contradict(owner, one, two) for one in heads for two in heads):
            raise Broken(f"{_who(reader, owner)}: frozen by heads that go together")

    def proves(self, reader: SimulatedPeer, number: int, result: LogSync, *, fair: bool) -> None:
        """When a follower freezes a log: what it keeps convinces others, if only it could fetch it.

        In trees of more than one tile a keeper can show enough to be found out, and withhold the tiles in
        which its histories part. Its log is frozen then, and others have to see for themselves.

        Raises:
            Broken: it has no proof, or one that does not hold.
        """
        owner = self._peers[number]
        if result.proof is not None:
            check_equivocation(result.proof, lambda signed: open_checkpoint(signed, owner.who.key))
        elif fair and not _mirror_shows(reader, owner) and len(owner.branches[0].leaves) <= WIDTH:
            raise Broken(f"{_who(reader, owner)}: frozen without a proof: {result.frozen}")

    def hold_at_last(self, reader: SimulatedPeer, number: int) -> None:
        """When messages have flowed for a while, for one honest follower of one log.

        Raises:
            Broken: one does not.
        """
        self.hold(reader, number)
        owner = self._peers[number]
        if owner.is_honest:
            self._holds_all(reader, owner)
        elif owner.who.origin not in reader.notes.frozen:
            self._met_one_history(reader, owner)

    def _holds_all(self, reader: SimulatedPeer, owner: SimulatedPeer) -> None:
        branch, origin = owner.branches[0], owner.who.origin
        head = reader.mirror(owner.number).head()
        if (head.size, head.root) != branch.heads[-1]:
            raise Broken(f"{_who(reader, owner)}: {head.size} of {len(branch.leaves)} leaves are there")
        if (taken := reader.notes.taken(origin)) != head.size:
            raise Broken(f"{_who(reader, owner)}: {taken} of {head.size} leaves are taken")
        leaves = list(reader.mirror(owner.number).leaves())
        theirs = rows_digest(reader.store, leaves, reader.notes.refusals(origin))
        void = branch.void(len(branch.leaves))
        if leaves != branch.leaves or theirs != rows_digest(owner.store, branch.leaves, void):
            raise Broken(f"{_who(reader, owner)}: other rows than its owner's")

    def _met_one_history(self, reader: SimulatedPeer, owner: SimulatedPeer) -> None:
        mine = reader.mirror(owner.number).head()
        for number in reader.peers:
            other = self._peers[number]
            if other.is_honest and owner.number in other.follows:
                head = other.mirror(owner.number).head()
                if _contradict(owner, mine, head):
                    raise Broken(
                        f"{_who(reader, owner)}: not frozen, though node{number} shows {head.size} leaves "
                        f"that do not go together with its {mine.size}"
                    )


def _mirror_shows(reader: SimulatedPeer, owner: SimulatedPeer) -> bool:
    """Whether the mirror's own tiles lead to another root than a head that was shown."""
    mirror = reader.mirror(owner.number)
    tree = TileTree(mirror.source, mirror.head().size)
    heads = [open_checkpoint(raw, owner.who.key).head for raw in reader.notes.evidence(owner.who.origin)]
    return any(head.size <= tree.size and tree.prefix_root(head.size) != head.root for head in heads)


def rows_digest(store: BlobStore, leaves: Sequence[bytes], refused: Container[int]) -> Digest:
    """A digest over the current public rows of a log, as spec/segments.md defines them from deltas."""
    rows: dict[str, Any] = {}
    for index, raw in enumerate(leaves):
        leaf = _public_segment(raw)
        if leaf is None or index in refused:
            continue
        for place, row in enumerate(_rows_of(store.read(leaf.segment)), 1):
            if row["revisionOf"] is not None:
                rows.pop(row["revisionOf"], None)
            if row["change"] != "removed":
                rows[f"{leaf.segment.uri}#row={place}"] = row
    return Digest.of(canonical_json(rows))


def _public_segment(raw: bytes) -> SegmentLeaf | None:
    try:
        leaf = decode_leaf(raw)
    except MalformedLeaf:
        return None
    return leaf if isinstance(leaf, SegmentLeaf) and leaf.access is AccessClass.PUBLIC else None


def _rows_of(raw: bytes) -> list[dict[str, Any]]:
    return memo("table", raw, lambda: pq.read_table(io.BytesIO(raw)).to_pylist())


def _has(branch: Branch, head: TreeHead) -> bool:
    return head.size == 0 or (head.size, head.root) in branch.heads


def _contradict(owner: SimulatedPeer, one: TreeHead, two: TreeHead) -> bool:
    return not any(_has(branch, one) and _has(branch, two) for branch in owner.branches)


def _who(reader: SimulatedPeer, owner: SimulatedPeer) -> str:
    return f"node{reader.number} of the log of node{owner.number}"
