from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.access import AccessClass
from provenance.errors import MalformedLeaf
from provenance.log.leaf import LARGEST_LEAF, Leaf, SegmentLeaf, StatementLeaf, UnknownLeaf, decode_leaf

digests = st.binary(min_size=32, max_size=32).map(Digest)
leaves: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(StatementLeaf, digests),
    st.builds(
        SegmentLeaf,
        digests,
        digests,
        st.sampled_from(["capture", "specimen", "media"]),
        digests,
        st.integers(0, 500_000),
        digests,
        st.sampled_from([AccessClass.PUBLIC, AccessClass.WITHHELD]),
    ),
)


@given(leaves)
def test_a_leaf_reads_back_and_is_small(leaf: Leaf) -> None:
    data = leaf.encode()
    assert decode_leaf(data) == leaf
    assert len(data) < LARGEST_LEAF


@given(leaves, st.data())
def test_what_reads_as_a_leaf_is_written_the_same(leaf: Leaf, data: st.DataObject) -> None:
    raw = bytearray(leaf.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        changed = decode_leaf(bytes(raw))
    except MalformedLeaf:
        return
    assert changed != leaf
    assert changed.encode() == bytes(raw)


def test_a_leaf_of_an_unknown_type_is_kept_as_it_is() -> None:
    raw = canonical_json({"type": "withdrawal", "statement": Digest.of(b"").uri, "more": [1, {"a": None}]})
    leaf = decode_leaf(raw)
    assert leaf == UnknownLeaf("withdrawal", raw)
    assert leaf.encode() == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not JSON"),
        (b"[]", "no JSON object"),
        (b'{"type":1}', "no JSON object with a type"),
        (b'{"type":"statement"}', "incomplete"),
        (b'{"statement":"%s", "type":"statement"}' % Digest.of(b"").uri.encode(), "canonical"),
        (
            b'{"extra":1,"statement":"%s","type":"statement"}' % Digest.of(b"").uri.encode(),
            "this type does not have",
        ),
        (b'{"statement":"%s","type":"statement"}' % Digest.of(b"").hex.encode(), "this type does not have"),
        (b'{"rows":true,"type":"segment"}', "incomplete"),
        (canonical_json({"type": "x", "pad": "x" * LARGEST_LEAF}), "at most"),
    ],
)
def test_what_is_no_leaf_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedLeaf, match=reason):
        decode_leaf(raw)
