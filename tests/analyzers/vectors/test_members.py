"""Members have one order, one written form and one root."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzers.errors import DamagedIndex
from analyzers.output import Input
from analyzers.region import Box, Point
from analyzers.vectors.members import Members, members_of, read_members
from hashstore.digest import Digest

digests = st.integers(0, 20).map(lambda number: Digest.of(bytes([number])))
regions = (
    st.none()
    | st.builds(Box, *[st.integers(1, 5)] * 4)
    | st.builds(Point, st.integers(0, 5), st.integers(0, 5))
)
inputs = st.builds(Input, digests, regions)


@given(st.lists(inputs))
def test_the_order_in_which_they_come_is_of_no_account(some: list[Input]) -> None:
    members = members_of(some)
    assert members == members_of(reversed(some))
    assert set(members) == set(some)
    assert members.root == members_of([*some, *some]).root


@given(st.lists(inputs))
def test_what_is_written_is_read_again(some: list[Input]) -> None:
    members = members_of(some)
    assert read_members(members.data) == members
    assert [members[place] for place in range(len(members))] == list(members)


@given(st.lists(inputs), st.lists(digests))
def test_places_are_those_of_all_regions_of_some_pictures(some: list[Input], wanted: list[Digest]) -> None:
    members = members_of(some)
    expected = [place for place, member in enumerate(members) if member.digest in wanted]
    assert members.places(wanted).tolist() == expected


def test_the_root_is_known() -> None:
    members = members_of([Input(Digest(bytes(32)))])
    assert members.data == b"0" * 64 + b"\n"
    assert members.root == Digest(hashlib.sha256(b"\0" + b"0" * 64).digest())


_ONE, _TWO = b"1" * 64, b"2" * 64


@pytest.mark.parametrize(
    "data",
    [_ONE, _TWO + b"\n" + _ONE + b"\n", _ONE + b"\n" + _ONE + b"\n", b"\n", b"1" * 63 + b"\n", _ONE + b" \n"],
)
def test_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(DamagedIndex):
        read_members(data)


def test_a_region_that_is_none_is_refused_when_it_is_met() -> None:
    with pytest.raises(DamagedIndex, match="region"):
        Members((_ONE + b" xywh=pixel:1,2",))[0]
