"""One digest, many written forms, and no second way to write any of them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multiformats import CID, multibase, multihash

from hashstore.digest import Digest
from hashstore.errors import HashstoreError, MalformedDigest

EMPTY = Digest.of(b"")
DIGESTS = st.binary(min_size=32, max_size=32).map(Digest)


@given(DIGESTS)
def test_every_printed_form_parses_back_to_the_same_digest(digest: Digest) -> None:
    for text in (digest.hex, digest.uri, str(digest), digest.ni, digest.cid, digest.multihash):
        assert Digest.parse(text) == digest
    assert Digest.parse(digest.hex.upper()) == digest


@given(DIGESTS)
def test_cids_and_multihashes_are_those_of_the_multiformats_library(digest: Digest) -> None:
    wrapped = multihash.wrap(digest.raw, "sha2-256")
    assert digest.cid == str(CID("base32", 1, "raw", wrapped))
    assert digest.multihash == multibase.encode(wrapped, "base16")
    assert Digest.parse(str(CID("base58btc", 0, "dag-pb", wrapped))) == digest


@pytest.mark.parametrize(
    "base",
    ["base2", "base8", "base10", "base16upper", "base32", "base32hex", "base36", "base58btc", "base64url"],
)
@settings(max_examples=20)
@given(digest=DIGESTS)
def test_cids_are_read_in_any_multibase(base: str, digest: Digest) -> None:
    raw = bytes.fromhex("01551220") + digest.raw
    assert Digest.parse(multibase.encode(raw, base)) == digest


@given(DIGESTS, DIGESTS)
def test_digests_sort_as_their_hex_does(one: Digest, other: Digest) -> None:
    assert (one < other) == (one.hex < other.hex)


@given(st.text(max_size=90) | st.from_regex(r"(hash://sha256/|ni:///sha-256;|f1220|b|z|Qm)[\x20-\x7f]{0,70}"))
def test_any_text_is_a_digest_or_refused_by_our_own_error(text: str) -> None:
    with suppress(MalformedDigest):
        assert len(Digest.parse(text).raw) == 32


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no form"),
        (EMPTY.hex[:-1], "no form"),
        (EMPTY.hex + "0", "no form"),
        (f" {EMPTY.hex}", "no form"),
        (f"{EMPTY.hex}\n", "no form"),
        ("٠" * 64, "no form"),
        (f"hash://sha256/{EMPTY.hex}#row=1", "no form"),
        (f"hash://md5/{EMPTY.hex}", "no form"),
        (f"{EMPTY.ni}=", "no ni:"),
        (EMPTY.ni.replace("sha-256", "sha-512"), "no ni:"),
        (EMPTY.ni[:-1], "31 bytes"),
        (EMPTY.ni[:-1] + "V", "bits beyond"),
        ("ni:///sha-256;A", "0 bytes"),
        (str(CID("base32", 1, "dag-cbor", multihash.wrap(EMPTY.raw, "sha2-256"))), "not one of raw bytes"),
        (str(CID("base32", 1, "raw", multihash.digest(b"", "sha3-256"))), "not one of raw bytes"),
        (EMPTY.cid[:-1] + "z", "no form"),
        (f"b{EMPTY.cid[1:].upper()}", "not the one way"),
        (multibase.encode(multihash.digest(b"", "sha1"), "base16"), "no form"),
        ("z" * 5000, "too long"),
    ],
)
def test_what_is_no_digest_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(MalformedDigest, match=said) as refused:
        Digest.parse(text)
    assert len(str(refused.value)) < 500


def test_an_ni_name_may_carry_an_authority_and_a_media_type() -> None:
    value = EMPTY.ni.removeprefix("ni:///")
    assert Digest.parse(f"NI://museum.example/{value}?ct=image/jpeg") == EMPTY


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_digest_has_32_bytes(size: int) -> None:
    with pytest.raises(HashstoreError, match=f"{size} bytes"):
        Digest(bytes(size))


def test_hex_and_hash_uris_do_not_load_multiformats() -> None:
    code = (
        "import sys; from hashstore.digest import Digest; d = Digest.of(b'');"
        "assert Digest.parse(d.hex) == Digest.parse(d.uri) == Digest.parse(d.ni) == d;"
        "sys.exit('multiformats' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
