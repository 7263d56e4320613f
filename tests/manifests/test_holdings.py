from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.errors import DamagedMembers
from manifests.holdings import Holding, decode_places, encode_places, fewest_copies, holders, largest_bitmap
from manifests.members import MemberList

SIZE = 200_000
places = st.one_of(
    st.sets(st.integers(0, SIZE - 1), max_size=50),
    st.tuples(st.integers(0, SIZE - 1), st.integers(1, 70_000)).map(
        lambda run: set(range(run[0], min(run[0] + run[1], SIZE)))
    ),
    st.integers(1, 7).map(lambda step: set(range(0, SIZE, step))),
)


@settings(max_examples=60)
@given(places)
def test_places_read_back_and_stay_within_the_bound(wanted: set[int]) -> None:
    data = encode_places(wanted)
    assert len(data) <= largest_bitmap(SIZE)
    assert set(decode_places(data, SIZE)) == wanted


@settings(max_examples=200)
@given(st.binary(max_size=80))
def test_noise_is_refused_or_a_bitmap_within_the_list(data: bytes) -> None:
    try:
        assert all(place < 10 for place in decode_places(data, 10))
    except DamagedMembers:
        return
    assert encode_places(decode_places(data, 10))


@settings(max_examples=200)
@given(places, st.data())
def test_a_changed_bitmap_is_refused_or_another_bitmap(wanted: set[int], draw: st.DataObject) -> None:
    data = bytearray(encode_places(wanted))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        found = decode_places(bytes(data), SIZE)
    except DamagedMembers:
        return
    assert sorted(found) == sorted(set(found))
    assert not found or found.max() < SIZE


def test_what_follows_or_lies_beyond_is_refused() -> None:
    data = encode_places([1, 9])
    for wrong in (data + b"x", data[:-1], b"", data[:4], b"\x00" * 16):
        with pytest.raises(DamagedMembers):
            decode_places(wrong, 10)
    with pytest.raises(DamagedMembers, match="place 9 in a list of 9"):
        decode_places(data, 9)


def test_a_bitmap_out_of_all_proportion_is_not_even_read() -> None:
    with pytest.raises(DamagedMembers, match="at most"):
        decode_places(bytes(1 << 20), 10)


digests = [Digest.of(bytes([n])) for n in range(8)]
MEMBERS = MemberList.of(digests)
missing = st.sets(st.integers(0, len(MEMBERS) - 1))


def _holding(who: str, places: set[int]) -> Holding:
    return Holding(who, MEMBERS, decode_places(encode_places(places), len(MEMBERS)))


@given(st.lists(missing, max_size=5))
def test_copies_are_counted_for_the_member_that_has_the_fewest(lacks: list[set[int]]) -> None:
    held = [_holding(str(n), lack) for n, lack in enumerate(lacks)]
    copies = [sum(place not in lack for lack in lacks) for place in range(len(MEMBERS))]
    assert fewest_copies(MEMBERS, held) == (min(copies), copies.count(min(copies)))
    for place, digest in enumerate(MEMBERS):
        expected = tuple(one.who for one, lack in zip(held, lacks, strict=True) if place not in lack)
        assert holders(digest, held) == expected
    assert [one.count for one in held] == [len(MEMBERS) - len(lack) for lack in lacks]


def test_nobody_holds_what_is_no_member_and_an_empty_slice_has_no_copies() -> None:
    assert holders(Digest.of(b"other"), [_holding("a", set())]) == ()
    assert fewest_copies(MemberList(b""), []) == (0, 0)
