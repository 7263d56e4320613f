from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from manifests.errors import DamagedMembers
from manifests.members import MemberList, difference

digests = st.binary(min_size=1, max_size=1).map(Digest.of)


@given(st.lists(digests))
def test_a_list_is_its_digests_sorted_each_once(given_digests: list[Digest]) -> None:
    expected = sorted(set(given_digests))
    members = MemberList.of(given_digests)
    assert list(members) == expected == members[:]
    assert MemberList(members.data) == members
    assert hash(MemberList(members.data)) == hash(members)
    assert members.root.raw == merkle_root([leaf_hash(digest.raw) for digest in expected])
    assert [members.place(digest) for digest in expected] == list(range(len(expected)))


@given(st.lists(digests), digests)
def test_a_digest_has_a_place_just_if_it_is_a_member(given_digests: list[Digest], digest: Digest) -> None:
    members = MemberList.of(given_digests)
    assert (digest in members) is (digest in given_digests)
    place = members.place(digest)
    assert (members[place] == digest) if place is not None else digest not in given_digests


@given(st.lists(digests), st.lists(digests))
def test_the_difference_leads_from_the_one_to_the_other(old: list[Digest], new: list[Digest]) -> None:
    added, removed = difference(MemberList.of(old), MemberList.of(new))
    assert (set(old) - set(removed)) | set(added) == set(new)
    assert not set(added) & set(old)
    assert set(removed) <= set(old)


def test_a_place_beyond_the_list_is_an_index_error() -> None:
    members = MemberList.of([Digest.of(b"a")])
    assert members[-1] == members[0]
    assert not members.__contains__("x")
    for place in (1, -2):
        with pytest.raises(IndexError):
            members[place]


@pytest.mark.parametrize("data", [b"x", b"a" * 33, b"a" * 64, b"b" * 32 + b"a" * 32])
def test_what_is_not_sorted_or_not_whole_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedMembers):
        MemberList(data)


def test_the_member_of_all_zeros_is_one_like_any_other() -> None:
    assert len(MemberList(bytes(32))) == 1
    with pytest.raises(DamagedMembers):
        MemberList(bytes(64))
