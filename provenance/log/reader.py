"""Reading a log that someone publishes: its signed head, its leaves and their proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hashstore.errors import InvalidProof
from hashstore.merkle import leaf_hash, verify_consistency, verify_inclusion
from provenance.errors import CorruptLog
from provenance.keys import VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, Checkpoint, TreeHead, open_checkpoint
from provenance.log.files import FileSource
from provenance.log.tree import TileTree

CHECKPOINT = "checkpoint"


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Proves that a leaf is in a tree.

    Attributes:
        index: the leaf's place, from 0.
        size: the tree's size.
        path: hashes of 32 bytes from the leaf's sibling up (RFC 9162, section 2.1.3).
    """

    index: int
    size: int
    path: tuple[bytes, ...]


class LogReader:
    """A published log. Every answer is proved against the signed checkpoint before it is given."""

    def __init__(self, source: FileSource, key: VerifierKey, *, former: tuple[VerifierKey, ...] = ()) -> None:
        """Names a log.

        Args:
            source: where its files are.
            key: the log's key under its origin as name.
            former: keys that it had before, and that may have signed the checkpoint that stands there.
        """
        self._source = source
        self._key = key
        self._former = former

    @property
    def key(self) -> VerifierKey:
        """The log's key; its name is the log's origin."""
        return self._key

    @property
    def source(self) -> FileSource:
        """Where the log's files are."""
        return self._source

    def signed_checkpoint(self) -> bytes | None:
        """The published checkpoint as it is, signatures included; None before the first."""
        data = self._source.read(CHECKPOINT)
        if data is not None:
            self._open(data)
        return data

    def checkpoint(self) -> Checkpoint | None:
        """The published checkpoint, its signature checked; None before the first.

        Raises:
            BadSignature: the log's key did not sign it.
            CorruptLog: it belongs to another log.
        """
        data = self._source.read(CHECKPOINT)
        return None if data is None else self._open(data)

    def head(self) -> TreeHead:
        """The published tree head; the empty one before the first."""
        checkpoint = self.checkpoint()
        return EMPTY_HEAD if checkpoint is None else checkpoint.head

    def leaf(self, index: int) -> bytes:
        """One leaf, proved to be in the log.

        Raises:
            LogError: the log has no such leaf.
            CorruptLog: a file is missing or changed.
        """
        head = self.head()
        tree = TileTree(self._source, head.size)
        (data,) = tree.leaves(index, index + 1)
        self._prove(tree, head, index, leaf_hash(data))
        return data

    def leaves(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The leaves of a range, in order, after the tree's root has been compared with the signed one.

        Raises:
            LogError: the log is shorter.
            CorruptLog: a file is missing or changed.
        """
        head = self.head()
        tree = TileTree(self._source, head.size)
        if tree.root() != head.root:
            raise CorruptLog(f"The tiles of the log {self._key.name} do not lead to its signed root hash.")
        yield from tree.leaves(start, head.size if stop is None else stop)

    def inclusion(self, index: int, head: TreeHead | None = None) -> InclusionProof:
        """The proof that a leaf is in the log, checked before it is given.

        Args:
            index: the leaf's place, from 0.
            head: the tree head to prove against; the published one if left out.

        Raises:
            LogError: the log has no such leaf.
            CorruptLog: the tiles do not lead to the head.
        """
        head = self.head() if head is None else head
        tree = TileTree(self._source, head.size)
        (data,) = tree.leaves(index, index + 1)
        return self._prove(tree, head, index, leaf_hash(data))

    def consistency(self, old: TreeHead) -> tuple[bytes, ...]:
        """The path that proves the published tree to have grown from an older head, already checked.

        Raises:
            LogError: the log is shorter than the old head.
            CorruptLog: the log is no continuation of the old head.
        """
        head = self.head()
        path = TileTree(self._source, head.size).consistency(old.size)
        try:
            verify_consistency(old.size, old.root, head.size, head.root, path)
        except InvalidProof as error:
            raise CorruptLog(
                f"The log {self._key.name} does not continue its head of {old.size}: {error}"
            ) from error
        return path

    def head_at(self, size: int) -> TreeHead:
        """What the log's head was when it had so many leaves, as far as its signed head proves it.

        Raises:
            LogError: the log is shorter.
            CorruptLog: a file is missing or changed.
        """
        head = self.head()
        tree = TileTree(self._source, head.size)
        if tree.root() != head.root:
            raise CorruptLog(f"The tiles of the log {self._key.name} do not lead to its signed root hash.")
        return TreeHead(size, tree.prefix_root(size))

    def _open(self, data: bytes) -> Checkpoint:
        checkpoint = open_checkpoint(data, self._key, *self._former)
        if checkpoint.origin != self._key.name:
            raise CorruptLog(f"The checkpoint names the log {checkpoint.origin}, not {self._key.name}.")
        return checkpoint

    def _prove(self, tree: TileTree, head: TreeHead, index: int, leaf: bytes) -> InclusionProof:
        path = tree.inclusion(index)
        try:
            verify_inclusion(leaf, index, head.size, path, head.root)
        except InvalidProof as error:
            raise CorruptLog(
                f"Leaf {index} does not lead to the root hash of {self._key.name}: {error}"
            ) from error
        return InclusionProof(index, head.size, path)
