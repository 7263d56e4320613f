"""Packs: what is written is read again, and garbage never gets further than its header."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.serve.pack import (
    HEADER,
    LARGEST_PACKED,
    MOST_BLOBS,
    Frame,
    MalformedPack,
    PackState,
    decode_frame,
    decode_request,
    encode_request,
)

_DIGESTS = st.binary(min_size=32, max_size=32).map(Digest)


@given(st.lists(_DIGESTS, min_size=1, max_size=50))
def test_a_request_is_read_as_it_was_written(digests: list[Digest]) -> None:
    assert list(decode_request(encode_request(digests))) == digests


@given(_DIGESTS, st.sampled_from(PackState), st.integers(0, LARGEST_PACKED))
def test_a_frame_is_read_as_it_was_written(digest: Digest, state: PackState, length: int) -> None:
    frame = Frame(digest, state, length if state is PackState.HERE else 0)
    assert len(frame.encode()) == HEADER
    assert decode_frame(frame.encode()) == frame


@given(st.binary(max_size=60))
def test_whatever_comes_is_a_frame_within_limits_or_refused(header: bytes) -> None:
    try:
        frame = decode_frame(header)
    except MalformedPack:
        return
    assert frame.encode() == header
    assert frame.length <= (LARGEST_PACKED if frame.state is PackState.HERE else 0)


def test_a_frame_that_promises_more_than_a_pack_carries_is_refused() -> None:
    for state, length in (
        (PackState.HERE, LARGEST_PACKED + 1),
        (PackState.NOT_HERE, 1),
        (PackState.HERE, 2**63),
    ):
        with pytest.raises(MalformedPack):
            decode_frame(Frame(Digest.of(b""), state, length).encode())


@pytest.mark.parametrize("length", [0, 1, 31, 33, 32 * MOST_BLOBS + 32])
def test_a_request_that_is_none_is_refused(length: int) -> None:
    with pytest.raises(MalformedPack):
        decode_request(bytes(length))


def test_the_vectors_hold(project_root: Path) -> None:
    vectors = json.loads((project_root / "spec" / "vectors" / "pack.json").read_text())
    for vector in vectors["requests"]:
        digests = [Digest.parse(text) for text in vector["digests"]]
        assert encode_request(digests).hex() == vector["body"]
    for vector in vectors["frames"]:
        frame = decode_frame(bytes.fromhex(vector["header"]))
        said = (frame.digest.uri, int(frame.state), frame.length)
        assert said == (vector["digest"], vector["state"], vector["length"])
        assert frame.encode().hex() == vector["header"]
    for vector in vectors["malformedFrames"]:
        with pytest.raises(MalformedPack):
            decode_frame(bytes.fromhex(vector["header"]))
