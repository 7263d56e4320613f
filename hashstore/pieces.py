"""Pieces of 1 MiB: a root over them lets any part of a large blob be checked by itself (spec/pieces.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from hashstore.digest import Digest
from hashstore.errors import InvalidProof
from hashstore.merkle import inclusion_path, leaf_hash, merkle_root, verify_inclusion

PIECE: Final = 1 << 20  # bytes
# A smaller blob is checked whole, by its digest.
LARGEST_UNPIECED: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Pieces:
    """What it takes to check pieces of a blob.

    Attributes:
        size: The blob's bytes.
        root: RFC 9162 root over its pieces, all of 1 MiB but for the last.
    """

    size: int
    root: Digest

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return piece_count(self.size)

    def length(self, index: int) -> int:
        """How many bytes a piece has.

        Raises:
            InvalidProof: there is no such piece.
        """
        return piece_length(self.size, index)


def piece_count(size: int) -> int:
    """How many pieces a blob of so many bytes has."""
    return -(-size // PIECE)


def piece_length(size: int, index: int) -> int:
    """How many bytes a piece has.

    Raises:
        InvalidProof: there is no such piece.
    """
    if not 0 <= index < piece_count(size):
        raise InvalidProof(f"a blob of {size} bytes has no piece {index} (they count from 0)")
    return min(PIECE, size - index * PIECE)


def piece_hashes(stream: BinaryIO) -> tuple[int, tuple[bytes, ...]]:
    """Read a blob to its end: its size, and the leaf hash of each piece."""
    size, hashes = 0, []
    while piece := _filled(stream):
        size += len(piece)
        hashes.append(leaf_hash(piece))
    return size, tuple(hashes)


def pieces_root(stream: BinaryIO) -> Pieces:
    """Read a blob to its end: what it takes to check its pieces."""
    return pieces_of_hashes(*piece_hashes(stream))


def pieces_of_hashes(size: int, hashes: Sequence[bytes]) -> Pieces:
    """The root over the hashes of a blob's pieces.

    Raises:
        InvalidProof: a blob of that size has more or fewer pieces.
    """
    if len(hashes) != piece_count(size):
        raise InvalidProof(f"a blob of {size} bytes has {piece_count(size)} pieces, not {len(hashes)}")
    return Pieces(size, Digest(merkle_root(hashes)))


def prove_piece(hashes: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """The path from a piece to the root, out of the hashes of all pieces.

    Raises:
        InvalidProof: there is no such piece.
    """
    return inclusion_path(hashes, index)


def check_piece(pieces: Pieces, index: int, piece: bytes, path: Sequence[bytes]) -> None:
    """Check that a piece stands at its place in a blob.

    Raises:
        InvalidProof: it does not.
    """
    if len(piece) != pieces.length(index):
        raise InvalidProof(f"piece {index} has {len(piece)} bytes, not {pieces.length(index)}")
    verify_inclusion(leaf_hash(piece), index, pieces.count, path, pieces.root.raw)


def _filled(stream: BinaryIO) -> bytes:
    """The next piece; only the last may be short, however few bytes a read gives."""
    piece = stream.read(PIECE)
    while 0 < len(piece) < PIECE and (more := stream.read(PIECE - len(piece))):
        piece += more
    return piece
