from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashstore.pieces as pieces_module
from hashstore.errors import InvalidProof
from hashstore.merkle import EMPTY_ROOT, leaf_hash, merkle_root
from hashstore.pieces import (
    PIECE,
    Pieces,
    check_piece,
    piece_count,
    piece_hashes,
    piece_length,
    pieces_of_hashes,
    pieces_root,
    prove_piece,
)


class Dribble(io.BytesIO):
    """Gives fewer bytes than it is asked for, as pipes do."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 0, 700_000))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5])
def test_pieces_are_a_mebibyte_each_but_for_the_last(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    expected = [leaf_hash(data[start : start + PIECE]) for start in range(0, size, PIECE)]
    assert piece_hashes(Dribble(data)) == (size, tuple(expected))
    found = pieces_root(io.BytesIO(data))
    assert (found.size, found.root.raw) == (size, merkle_root(expected))
    assert found.count == len(expected) == piece_count(size)
    assert sum(found.length(index) for index in range(found.count)) == size
    if not size:
        assert found.root.raw == EMPTY_ROOT


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=200), st.data())
def test_just_the_right_piece_in_its_place_is_accepted(data: bytes, draw: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces_module, "PIECE", 16)
        size, hashes = piece_hashes(io.BytesIO(data))
        pieces = pieces_of_hashes(size, hashes)
        index = draw.draw(st.integers(0, pieces.count - 1))
        piece, path = data[index * 16 : (index + 1) * 16], prove_piece(hashes, index)
        check_piece(pieces, index, piece, path)
        flipped = bytes([piece[0] ^ 1]) + piece[1:]
        for wrong in (
            (pieces, index, flipped, path),
            (pieces, index, piece + b"x", path),
            (pieces, index, piece[:-1], path),
            (pieces, index, piece, (*path, bytes(32))),
            (pieces, index, piece, path[:-1] if path else (bytes(32),)),
            (pieces, pieces.count, piece, path),
            (pieces, -1, piece, path),
            (Pieces(size, pieces.root.of(b"")), index, piece, path),
        ):
            with pytest.raises(InvalidProof):
                check_piece(*wrong)


def test_a_blob_has_no_piece_beyond_its_end() -> None:
    assert piece_length(PIECE + 1, 1) == 1
    for index in (-1, 2):
        with pytest.raises(InvalidProof, match="no piece"):
            piece_length(PIECE + 1, index)
    with pytest.raises(InvalidProof, match="has 2 pieces, not 1"):
        pieces_of_hashes(PIECE + 1, [bytes(32)])
