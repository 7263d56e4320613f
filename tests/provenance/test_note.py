from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import BadSignature, MalformedNote
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint, parse_checkpoint_text
from provenance.log.note import Note, NoteSignature, parse_note, sign_note

EXAMPLE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZ"
    "XsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
EXAMPLE_KEY = VerifierKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
KEY = SigningKey(b"n" * 32)
ORIGIN = "museum.example/log"
VKEY = VerifierKey(ORIGIN, KEY.public)
SIGNED = Checkpoint(ORIGIN, TreeHead(20852163, bytes(range(32)))).sign(KEY)


def test_the_example_of_the_signed_note_specification_verifies() -> None:
    note = parse_note(EXAMPLE)
    assert note.text == "This is an example message.\n"
    assert note.verify([EXAMPLE_KEY]) == (EXAMPLE_KEY,)


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_every_flipped_byte_of_a_checkpoint_is_noticed(place: int, flip: int) -> None:
    changed = SIGNED[:place] + bytes([SIGNED[place] ^ flip]) + SIGNED[place + 1 :]
    with pytest.raises((MalformedNote, BadSignature)):
        open_checkpoint(changed, VKEY)


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ORIGIN, TreeHead(size, root))
    assert open_checkpoint(checkpoint.sign(KEY), VKEY) == checkpoint
    assert parse_checkpoint_text(checkpoint.text) == checkpoint


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint(ORIGIN, TreeHead(0, bytes(32)), ("more", "and more"))
    assert parse_checkpoint_text(checkpoint.text) == checkpoint


def test_signatures_by_unknown_keys_are_ignored_but_told() -> None:
    stranger = NoteSignature("witness.example", b"abcd", b"e" * 64)
    mine = sign_note("text\n", ORIGIN, KEY)
    note = parse_note(Note("text\n", (stranger, mine, mine)).encode())
    assert note.verify([VKEY]) == (VKEY,)
    assert note.unknown([VKEY]) == (stranger, mine)


def test_a_known_keys_wrong_signature_spoils_the_note() -> None:
    wrong = NoteSignature(ORIGIN, VKEY.key_id, b"e" * 64)
    note = Note("text\n", (sign_note("text\n", ORIGIN, KEY), wrong))
    with pytest.raises(BadSignature, match=ORIGIN):
        note.verify([VKEY])


def test_a_note_without_a_known_signer_is_refused() -> None:
    with pytest.raises(BadSignature, match="None of the known keys"):
        parse_note(EXAMPLE).verify([VKEY])


LINE = sign_note("text\n", ORIGIN, KEY).line()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        f"text\n\n{LINE[:-1]}".encode(),
        f"text\r\n\n{LINE}".encode(),
        f"te\x00xt\n\n{LINE}".encode(),
        b"\xff\n\n" + LINE.encode(),
        f"text\n\n- {LINE[2:]}".encode(),
        f"text\n\n{LINE}\n".encode(),
        f"text\n\n{LINE.replace(' ' + ORIGIN, ' ')}".encode(),
        "text\n\n— museum.example AAAA\n".encode(),
        "text\n\n— museum.example A!AA\n".encode(),
        f"text\n\n{LINE * 65}".encode(),
        b"x" * 200_000,
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedNote):
        parse_note(data)


ROOT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n",
        f"o\n1\n{ROOT}",
        f"o\n01\n{ROOT}\n",
        f"o\n-1\n{ROOT}\n",
        f"o\n1_0\n{ROOT}\n",
        f"o\n٣\n{ROOT}\n",
        f"o\n{2**53}\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        "o\n1\nAAAA\n",
        "o\n1\n!\n",
        f"o\n1\n{ROOT[:-2]}9=\n",
        f"o\n1\n{ROOT}\n\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(MalformedNote):
        parse_checkpoint_text(text)
