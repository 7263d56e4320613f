"""Packed bundles: they prove the same, any unpacker reads them, and no bit of them can change unnoticed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from provenance.citation import Outcome, TrustedKeys, cite_crawl, pack_bundle, unpack_bundle, verify_bundle
from provenance.citation.packed import LARGEST
from provenance.errors import BundleError


@pytest.fixture(scope="module")
def bundle(world: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    log = world.log(tmp_path_factory.mktemp("packed"))
    return cite_crawl(log, world.description, 1, world.crawl, "The crawl.")


def test_a_packed_bundle_is_smaller_and_proves_the_same(world: Any, bundle: bytes) -> None:
    packed, trust = pack_bundle(bundle), TrustedKeys.parse([world.identity.public.did])
    assert len(packed) < 0.7 * len(bundle)
    assert verify_bundle(packed, trust) == verify_bundle(bundle, trust)
    assert verify_bundle(packed, trust).outcome is Outcome.VERIFIED


def test_any_unpacker_reads_it(bundle: bytes, tmp_path: Path) -> None:
    (tmp_path / "fern.json.gz").write_bytes(pack_bundle(bundle))
    with gzip.open(tmp_path / "fern.json.gz") as file:
        assert file.read() == bundle


@given(st.binary(max_size=2_000))
def test_what_is_packed_is_unpacked_again(data: bytes) -> None:
    assert unpack_bundle(pack_bundle(data)) == data


def test_no_changed_bit_passes(bundle: bytes) -> None:
    packed = pack_bundle(bundle)
    for place in range(len(packed)):
        for bit in range(8):
            changed = bytearray(packed)
            changed[place] ^= 1 << bit
            with pytest.raises(BundleError):
                unpack_bundle(bytes(changed))


def test_a_bomb_ends_at_the_size_of_the_largest_bundle() -> None:
    bomb = pack_bundle(bytes(LARGEST + 1))
    assert len(bomb) < 10_000
    with pytest.raises(BundleError, match="more than"):
        unpack_bundle(bomb)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_packed_bundle_are_refused_by_our_own_error(data: bytes) -> None:
    rest = data
    whole = pack_bundle(b"")
    head = whole[: whole.index(b"\0", 10) + 1].replace(
        Digest.of(whole[whole.index(b"\0", 10) + 1 :]).uri.encode(), Digest.of(rest).uri.encode()
    )
    try:
        unpack_bundle(head + rest)
    except BundleError:
        return
    assert gzip.decompress(head + rest) == unpack_bundle(head + rest)
