from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import base58
from provenance.errors import BadSignature, MalformedKey
from provenance.keys import PublicKey, SigningKey, VerifierKey, parse_public_key

seeds = st.binary(min_size=32, max_size=32)


@given(st.binary(max_size=80))
def test_base58_round_trips(data: bytes) -> None:
    assert base58.decode(base58.encode(data)) == data


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=60))
def test_a_base58_text_has_one_reading(text: str) -> None:
    assert base58.encode(base58.decode(text)) == text


@pytest.mark.parametrize("text", ["0", "O", "I", "l", " ", "é", "z" * 257])
def test_what_is_not_base58_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base58"):
        base58.decode(text)


@given(seeds)
def test_every_form_of_a_public_key_reads_back(seed: bytes) -> None:
    key = SigningKey(seed).public
    forms = [key.did, key.verification_method, key.multibase, key.vkey("museum.example/log"), f" {key.did}\n"]
    assert {parse_public_key(form) for form in forms} == {key}
    assert key.did.startswith("did:key:z6Mk")


def test_the_verifier_key_of_the_signed_note_specification_reads() -> None:
    key = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    assert (key.name, key.key_id.hex()) == ("example.com/foo", "530d903a")
    assert str(key) == "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


@given(seeds, st.data())
def test_a_changed_letter_of_a_verifier_key_is_refused(seed: bytes, data: st.DataObject) -> None:
    text = SigningKey(seed).public.vkey("m.example")
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("abcXYZ019+/= ").filter(lambda found: found != text[place]))
    with pytest.raises(MalformedKey):
        VerifierKey.parse(text[:place] + letter + text[place + 1 :])


def _vkey_of_another_algorithm() -> str:
    material = b"\x04" + bytes(32)
    key_id = hashlib.sha256(b"m.example\n" + material).digest()[:4].hex()
    return f"m.example+{key_id}+{base64.b64encode(material).decode()}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "did:key:",
        "did:web:museum.example",
        "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",  # X25519
        "a+b",
        "m.example+00000000+AAAA",
        _vkey_of_another_algorithm(),
        SigningKey(bytes(32)).public.did + "#" + SigningKey(b"1" * 32).public.multibase,
        SigningKey(bytes(32)).public.did + "1",
    ],
)
def test_what_is_no_ed25519_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedKey):
        parse_public_key(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u2003b"])
def test_a_key_name_has_no_spaces_or_plus_signs(name: str) -> None:
    with pytest.raises(MalformedKey):
        SigningKey(bytes(32)).public.vkey(name)


@given(seeds, st.binary(max_size=50), st.binary(min_size=64, max_size=64))
def test_only_the_keys_own_signature_verifies(seed: bytes, data: bytes, other: bytes) -> None:
    key = SigningKey(seed)
    key.public.verify(key.sign(data), data)
    for signature, text in [(other, data), (key.sign(data), data + b"!"), (b"short", data)]:
        with pytest.raises(BadSignature, match="did:key"):
            key.public.verify(signature, text)


def test_a_private_key_never_prints_its_secret() -> None:
    key = SigningKey(b"secret--" * 4)
    assert "secret" not in repr(key) + str(key)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_have_32_bytes(length: int) -> None:
    with pytest.raises(MalformedKey, match="32 bytes"):
        PublicKey(bytes(length))
    with pytest.raises(MalformedKey, match="32 bytes"):
        SigningKey(bytes(length))
