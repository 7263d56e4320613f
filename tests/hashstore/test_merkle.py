"""Trees as RFC 9162 defines them: proofs hold for what is true, and for nothing else."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.errors import InvalidProof
from hashstore.merkle import (
    EMPTY_ROOT,
    MerkleAccumulator,
    consistency_path,
    consistency_ranges,
    inclusion_path,
    inclusion_ranges,
    leaf_hash,
    leaf_hashes,
    merkle_root,
    node_hash,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)

LEAVES = leaf_hashes(str(number).encode() for number in range(600))
SIZES = st.integers(min_value=1, max_value=300)


def rfc_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(rfc_root(leaves[:split]), rfc_root(leaves[split:]))


@given(st.integers(min_value=0, max_value=300))
def test_the_root_is_that_of_the_rfc(size: int) -> None:
    assert merkle_root(LEAVES[:size]) == rfc_root(LEAVES[:size])


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle_root([]) == EMPTY_ROOT == MerkleAccumulator().root() == hashlib.sha256(b"").digest()


@given(st.lists(st.binary(max_size=80), max_size=10))
def test_many_leaves_hash_as_each_alone(data: list[bytes]) -> None:
    assert leaf_hashes(data) == [leaf_hash(one) for one in data]


@given(st.data(), SIZES)
def test_every_leaf_is_proved_to_be_in_its_tree(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    path = inclusion_path(leaves, index)
    verify_inclusion(leaves[index], index, size, path, merkle_root(leaves))
    assert path == tuple(merkle_root(leaves[start:stop]) for start, stop in inclusion_ranges(index, size))


@given(st.data(), SIZES)
def test_every_tree_is_proved_to_grow_from_every_smaller_one(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(0, size))
    leaves = LEAVES[:size]
    path = consistency_path(leaves, old)
    verify_consistency(old, merkle_root(leaves[:old]), size, merkle_root(leaves), path)
    assert path == tuple(merkle_root(leaves[start:stop]) for start, stop in consistency_ranges(old, size))


@given(st.data(), SIZES)
def test_an_inclusion_proof_holds_for_no_other_leaf_place_or_path(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = LEAVES[:size]
    path, root = inclusion_path(leaves, index), merkle_root(leaves)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index) if size > 1 else st.just(1))
    for leaf, place, total, hashes in [
        (LEAVES[-1], index, size, path),
        (leaves[index], other, size, path),
        (leaves[index], index, size, (*path, LEAVES[-1])),
        (leaves[index], index, size, (LEAVES[-1], *path[1:]) if path else (LEAVES[-1],)),
    ]:
        with pytest.raises(InvalidProof):
            verify_inclusion(leaf, place, total, hashes, root)
    if path:
        with pytest.raises(InvalidProof):
            verify_inclusion(leaves[index], index, size, path[:-1], root)


@given(st.data(), st.integers(2, 300))
def test_a_consistency_proof_holds_for_no_other_tree_or_path(data: st.DataObject, size: int) -> None:
    old = data.draw(st.integers(1, size - 1))
    leaves = LEAVES[:size]
    path, root, old_root = consistency_path(leaves, old), merkle_root(leaves), merkle_root(leaves[:old])
    changed = data.draw(st.integers(0, len(path) - 1))
    for first, hashes, last in [
        (LEAVES[-1], path, root),
        (old_root, path, LEAVES[-1]),
        (old_root, path[:-1], root),
        (old_root, (*path, LEAVES[-1]), root),
        (old_root, (*path[:changed], LEAVES[-1], *path[changed + 1 :]), root),
    ]:
        with pytest.raises(InvalidProof):
            verify_consistency(old, first, size, last, hashes)


def test_two_roots_of_one_size_are_called_a_fork() -> None:
    with pytest.raises(InvalidProof, match="forked"):
        verify_consistency(3, LEAVES[0], 3, LEAVES[1], ())


def test_a_false_root_of_the_empty_tree_is_refused() -> None:
    with pytest.raises(InvalidProof, match="empty tree"):
        verify_consistency(0, LEAVES[0], 3, merkle_root(LEAVES[:3]), ())


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_path(index: int, size: int) -> None:
    with pytest.raises(InvalidProof, match="no leaf"):
        inclusion_path(LEAVES[:size], index)
    with pytest.raises(InvalidProof, match="no leaf"):
        inclusion_ranges(index, size)
    with pytest.raises(InvalidProof, match="no leaf"):
        root_from_inclusion(LEAVES[0], index, size, ())


@pytest.mark.parametrize("old", [-1, 4])
def test_a_tree_grows_from_no_larger_one(old: int) -> None:
    with pytest.raises(InvalidProof, match="cannot have grown"):
        consistency_path(LEAVES[:3], old)
    with pytest.raises(InvalidProof, match="cannot have grown"):
        verify_consistency(old, LEAVES[0], 3, LEAVES[1], ())


def test_hashes_of_other_lengths_are_refused() -> None:
    with pytest.raises(InvalidProof, match="5 bytes"):
        verify_inclusion(LEAVES[0], 0, 2, (b"short",), LEAVES[1])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9000), max_size=3), st.booleans())
def test_the_accumulator_has_the_root_of_all_leaves_so_far(counts: list[int], one_by_one: bool) -> None:
    accumulator = MerkleAccumulator()
    seen: list[bytes] = []
    for count in counts:
        more = [LEAVES[number % 600] for number in range(count % (50 if one_by_one else 9001))]
        seen += more
        if one_by_one:
            for leaf in more:
                accumulator.append(leaf)
        else:
            accumulator.extend(more)
        assert accumulator.size == len(seen)
        assert accumulator.root() == merkle_root(seen)
