"""Manifests are in one written form and one order; what differs between two is told member by member."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from hashstore.merkle import leaf_hash, merkle_root
from manifests.dataset import manifest
from manifests.dataset.candidate import Candidate
from manifests.dataset.comparison import Comparison
from manifests.dataset.manifest import (
    Change,
    Hidden,
    ManifestRoot,
    differences,
    hide,
    lines_of,
    members_in,
    read_manifest,
)
from manifests.dataset.member import SPLITS, Member, Region, read_member
from manifests.errors import DamagedManifest

LETTERS = st.characters(min_codepoint=0x20, exclude_categories=["Cs"])
WORDS = st.text(LETTERS, max_size=8)
TEXT = st.none() | WORDS
COUNT = st.integers(0, 2**53 - 1)
POINTS = st.lists(st.tuples(COUNT, COUNT), min_size=3, max_size=5).map(tuple)
REGIONS = st.builds(
    Region, st.text(LETTERS, max_size=5), st.tuples(COUNT, COUNT, COUNT, COUNT), POINTS | st.just(())
)
DIGEST = st.binary(min_size=32, max_size=32).map(Digest)
MEMBERS = st.builds(
    Member, DIGEST, COUNT, WORDS, TEXT, TEXT, TEXT, TEXT, TEXT, WORDS, TEXT,
    st.none() | st.sampled_from(SPLITS), st.lists(REGIONS, max_size=2).map(tuple),
)  # fmt: skip
SEVERAL = st.lists(MEMBERS, max_size=8, unique_by=lambda one: one.digest).map(
    lambda found: sorted(found, key=lambda one: one.digest)
)


@settings(max_examples=30)
@given(MEMBERS)
def test_a_member_reads_back_from_its_one_line(member: Member) -> None:
    line = member.line()
    assert line.count(b"\n") == 1
    assert line == canonical_json(member.document()) + b"\n"
    assert read_member(line) == read_member(line.rstrip(b"\n")) == member


@settings(max_examples=30)
@given(SEVERAL, st.sets(st.integers(0, 7)))
def test_the_root_is_that_of_the_lines_whatever_is_hidden(members: list[Member], hidden: set[int]) -> None:
    tree = ManifestRoot()
    shown = [hide(one) if place in hidden else one for place, one in enumerate(members)]
    lines = [entry.line() for entry in shown]
    for entry in read_manifest(lines):
        tree.add(entry)
    assert tree.root.raw == merkle_root([leaf_hash(one.line()[:-1]) for one in members])
    assert list(members_in(read_manifest(lines))) == [
        one for place, one in enumerate(members) if place not in hidden
    ]


@settings(max_examples=30)
@given(SEVERAL, SEVERAL, st.data())
def test_differences_are_those_of_sets(one: list[Member], other: list[Member], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.sampled_from(one), unique=True)) if one else []
    changed = [replace(member, size=member.size // 2, label="x") for member in kept[::2]]
    new = sorted(
        {member.digest: member for member in [*other, *kept, *changed]}.values(), key=lambda m: m.digest
    )
    before = {member.digest: member for member in one}
    after = {member.digest: member for member in new}
    found = list(differences(one, new))
    assert [d.digest for d in found] == sorted(d.digest for d in found)
    assert {d.digest for d in found if d.change is Change.ADDED} == after.keys() - before.keys()
    assert {d.digest for d in found if d.change is Change.REMOVED} == before.keys() - after.keys()
    both = {digest for digest in before.keys() & after.keys() if before[digest] != after[digest]}
    assert {d.digest for d in found if d.change is Change.CHANGED} == both
    _check_comparison(one, new, len(after.keys() - before.keys()), len(both))


def _check_comparison(one: Sequence[Member], new: Sequence[Member], added: int, changed: int) -> None:
    comparison = Comparison(one)
    pairs = [(Candidate(member.digest, 0, ""), member) for member in new]
    assert list(comparison.watch(pairs)) == pairs
    assert (comparison.added, comparison.changed) == (added, changed)
    gone = {member.digest for member in one} - {member.digest for member in new}
    assert comparison.removed == sorted(gone)


def test_a_difference_names_what_is_other() -> None:
    member = Member(Digest.of(b""), 1, "", None, None, None, "Ann", None, "", "oak", "test")
    (found,) = differences([member], [replace(member, creator=None, split="train")])
    assert found.fields == ("creator", "split")


@settings(max_examples=30)
@given(st.lists(MEMBERS, min_size=2, max_size=3, unique_by=lambda one: one.digest))
def test_members_out_of_order_or_twice_are_refused(members: list[Member]) -> None:
    turned = sorted(members, key=lambda one: one.digest, reverse=True)
    for lines in ([one.line() for one in turned], [members[0].line()] * 2):
        with pytest.raises(DamagedManifest, match="does not come after"):
            list(read_manifest(lines))


@given(st.binary(max_size=50))
def test_no_bytes_are_taken_for_a_member_that_are_none(line: bytes) -> None:
    with pytest.raises(DamagedManifest):
        read_member(line)


def test_a_line_without_end_is_not_read_into_memory() -> None:
    with mock.patch.object(manifest, "LONGEST_LINE", 10), pytest.raises(DamagedManifest, match="more than"):
        list(lines_of(io.BytesIO(b"0123456789\n12345678901")))
    assert list(lines_of(io.BytesIO(b"ab\nc"))) == [b"ab\n", b"c"]


def test_a_hidden_line_has_one_written_form() -> None:
    line = Hidden(b"\xab" * 32).line()
    assert list(read_manifest([line])) == [Hidden(b"\xab" * 32)]
    with pytest.raises(DamagedManifest):
        list(read_manifest([line.upper()]))


def test_a_text_without_a_written_form_is_refused() -> None:
    member = Member(Digest.of(b""), 1, "", None, None, None, "\ud800", None, "", None, None)
    with pytest.raises(DamagedManifest, match="surrogate"):
        member.line()


@pytest.mark.parametrize("name", ["attribution", "license", "media_type", "label", "creator"])
def test_a_text_that_would_begin_a_line_of_its_own_is_refused(name: str) -> None:
    member = Member(Digest.of(b""), 1, "image/jpeg", None, None, None, None, None, "", None, None)
    with pytest.raises(DamagedManifest, match="control character"):
        read_member(replace(member, **{name: "Unknown\nAnn Drew. CC0-1.0"}).line())  # type: ignore[arg-type]
