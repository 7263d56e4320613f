from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from provenance.errors import KeyMaterialError
from provenance.key_file import key_file_bytes
from provenance.keys import SigningKey

KEY = SigningKey(b"k" * 32)


@pytest.mark.parametrize("passphrase", [None, "öffne dich"])
def test_a_saved_key_loads_back_and_only_its_owner_may_read_it(
    tmp_path: Path, passphrase: str | None
) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path, passphrase)
    assert SigningKey.load(path, passphrase) == KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path)
    with pytest.raises(KeyMaterialError, match="exists already"):
        SigningKey.generate().save(path)
    assert SigningKey.load(path) == KEY


def test_every_flipped_bit_of_an_unprotected_key_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        for bit in (0x01, 0x20, 0x80):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            with pytest.raises(KeyMaterialError, match=r"identity\.pem"):
                SigningKey.load(path)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path)
    path.chmod(0o640)
    with pytest.raises(KeyMaterialError, match="chmod 600"):
        SigningKey.load(path)


@pytest.mark.parametrize(
    ("saved", "given", "reason"),
    [("right", "wrong", "wrong"), ("right", None, "needs its passphrase"), (None, "any", "no passphrase")],
)
def test_a_passphrase_that_does_not_fit_is_refused(
    tmp_path: Path, saved: str | None, given: str | None, reason: str
) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path, saved)
    with pytest.raises(KeyMaterialError, match=reason):
        SigningKey.load(path, given)


def test_an_empty_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="empty passphrase"):
        KEY.save(tmp_path / "identity.pem", "")


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "identity.pem"
    other = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(other)
    path.chmod(0o600)
    with pytest.raises(KeyMaterialError, match="another kind"):
        SigningKey.load(path)


def test_a_missing_key_file_and_a_folder_that_cannot_be_written_are_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(KeyMaterialError, match="No such file"):
        SigningKey.load(tmp_path / "none.pem")
    with pytest.raises(KeyMaterialError, match="No such file"):
        KEY.save(tmp_path / "none" / "identity.pem")


def test_openssl_reads_the_key_file_past_its_first_line(
    tmp_path: Path, needs_program: Callable[[str], str]
) -> None:
    path = tmp_path / "identity.pem"
    KEY.save(path)
    command = [needs_program("openssl"), "pkey", "-in", str(path), "-pubout", "-outform", "DER"]
    public = subprocess.run(command, capture_output=True, check=True).stdout
    assert public[-32:] == KEY.public.raw


def test_the_bytes_of_an_unprotected_key_file_are_always_the_same() -> None:
    assert key_file_bytes(KEY) == key_file_bytes(KEY)
    assert key_file_bytes(KEY).startswith(KEY.public.did.encode() + b"\n-----BEGIN PRIVATE KEY-----\n")
