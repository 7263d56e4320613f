"""Proofs that a log contradicts itself: two heads that it signed and that cannot both be true.

Of one size, two roots are proof enough. Of different sizes, one leaf is shown that stands in both trees at
the same place with different hashes. (A consistency proof that fails proves nothing: anyone can make one
fail.) See spec/witness.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hashstore.errors import InvalidProof
from hashstore.merkle import verify_inclusion
from provenance.errors import CorruptLog, NoContradiction, ProvenanceError
from provenance.log.checkpoint import Checkpoint, TreeHead
from provenance.log.note import Note, parse_note
from provenance.log.tree import TileTree

OpenSigned: TypeAlias = Callable[[bytes], Checkpoint]
"""Opens a checkpoint that the log signed, and raises where it did not: `KeyHistory.open_checkpoint` does."""


@dataclass(frozen=True, slots=True)
class Split:
    """A leaf that two trees have at the same place with different hashes.

    Attributes:
        index: the place, from 0.
        hashes: its hash in the first and in the second tree.
        paths: the path to each tree's root.
    """

    index: int
    hashes: tuple[bytes, bytes]
    paths: tuple[tuple[bytes, ...], tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class EquivocationProof:
    """Two signed checkpoints of one log that contradict each other.

    Attributes:
        checkpoints: as they were signed, with the log's own lines only; the smaller tree first.
        split: what shows the contradiction where the sizes differ.
    """

    checkpoints: tuple[bytes, bytes]
    split: Split | None = None


def contradiction(
    first: bytes,
    second: bytes,
    open_signed: OpenSigned,
    trees: Callable[[TreeHead], TileTree] | None = None,
) -> EquivocationProof | None:
    """The proof that two checkpoints of one log contradict each other, or None where they do not.

    Args:
        first: a checkpoint that the log signed.
        second: another.
        open_signed: checks that it did.
        trees: the tiles of either head, to find where trees of different size part. Without it, heads of
            different size count as not contradicting each other.

    Raises:
        BadSignature, MalformedNote: the log did not sign one of them.
        CorruptLog: a tile is missing or damaged, or does not lead to its head.
        NoContradiction: the checkpoints are of different logs.
    """
    pair = sorted(((open_signed(data).head, data) for data in (first, second)), key=_order)
    (old, old_data), (new, new_data) = pair
    notes = (_stripped(old_data, open_signed), _stripped(new_data, open_signed))
    if old.size == new.size:
        proof = None if old.root == new.root else EquivocationProof(notes)
    else:
        split = None if trees is None else _split(old, new, trees)
        proof = None if split is None else EquivocationProof(notes, split)
    if proof is not None:
        check_equivocation(proof, open_signed)
    return proof


def check_equivocation(proof: EquivocationProof, open_signed: OpenSigned) -> str:
    """Checks a proof, offline.

    Args:
        proof: what is shown.
        open_signed: checks a checkpoint against the log's keys, which the reader has from elsewhere.

    Returns:
        The name of the log that contradicts itself.

    Raises:
        NoContradiction: the two can both be true.
        BadSignature, MalformedNote: the log did not sign one of them.
    """
    first, second = (open_signed(data) for data in proof.checkpoints)
    if first.origin != second.origin:
        raise NoContradiction(f"The checkpoints are of two logs, {first.origin} and {second.origin}.")
    if _order((second.head, b"")) < _order((first.head, b"")):
        raise NoContradiction("The checkpoints of a proof stand in the order of their sizes and roots.")
    if first.head.size == second.head.size and proof.split is None:
        if first.head.root == second.head.root:
            raise NoContradiction("The two checkpoints say the same.")
        return first.origin
    _check_split(proof.split, first.head, second.head)
    return first.origin


def _check_split(split: Split | None, first: TreeHead, second: TreeHead) -> None:
    if split is None or first.size == second.size:
        raise NoContradiction("Trees of different size contradict each other by a leaf, of one size by root.")
    if split.hashes[0] == split.hashes[1] or split.index >= first.size:
        raise NoContradiction("The leaf that is shown is the same in both trees, or not in the first.")
    try:
        for head, leaf, path in zip((first, second), split.hashes, split.paths, strict=True):
            verify_inclusion(leaf, split.index, head.size, path, head.root)
    except InvalidProof as error:
        raise NoContradiction(f"The leaf that is shown is not in both trees: {error}") from error


def _split(old: TreeHead, new: TreeHead, trees: Callable[[TreeHead], TileTree]) -> Split | None:
    mine, other = trees(old), trees(new)
    if mine.root() != old.root or other.root() != new.root:
        raise CorruptLog("The tiles do not lead to the heads, so they cannot show where the trees part.")
    if old.size == 0 or other.subroot(0, old.size) == old.root:
        return None
    index = _first_difference(mine, other, old.size)
    hashes = (mine.subroot(index, index + 1), other.subroot(index, index + 1))
    return Split(index, hashes, (mine.inclusion(index), other.inclusion(index)))


def _first_difference(mine: TileTree, other: TileTree, size: int) -> int:
    start, stop = 0, size
    while stop - start > 1:
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        if mine.subroot(start, middle) == other.subroot(start, middle):
            start = middle
        else:
            stop = middle
    return start


def _stripped(data: bytes, open_signed: OpenSigned) -> bytes:
    """The note with one line by the log itself, so that the same contradiction gives the same proof."""
    note = parse_note(data)
    for line in note.signatures:
        alone = Note(note.text, (line,)).encode()
        try:
            open_signed(alone)
        except ProvenanceError:
            continue
        return alone
    raise NoContradiction("No single line by the log stands under the checkpoint.")


def _order(pair: tuple[TreeHead, bytes]) -> tuple[int, bytes]:
    return pair[0].size, pair[0].root
