"""Go's own transparency-log code reads our logs, and we read its (golang.org/x/mod/sumdb, from Debian)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hashstore.digest import Digest
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import EMPTY_HEAD, TreeHead
from provenance.log.files import LogFolder
from provenance.log.leaf import StatementLeaf
from provenance.log.log import Log
from provenance.log.mirror import Mirror
from provenance.log.note import NoteSignature
from provenance.log.reader import LogReader
from provenance.log.tiles import parse_tile_path

ORIGIN = "go.test/log"
# Around the edge of a tile, and from where there are tiles of a third level.
SIZES = (1, 2, 255, 256, 257, 513, 1000, 65_536, 70_000)


@pytest.fixture(scope="module")
def go_peer(
    needs_program: Callable[[str], str],
    needs_path: Callable[[str, str], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The Go program, built without a network from the sources that Debian ships."""
    go = needs_program("go")
    sources = needs_path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog", "golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": str(sources.parents[5]),
        "GOCACHE": str(folder / "cache"),
    }
    source = Path(__file__).with_name("go")
    command = [go, "build", "-o", str(folder / "tlogpeer"), "."]
    built = subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder / "tlogpeer"


@dataclass(frozen=True)
class Made:
    """A log as it stood at the last of some sizes, with the heads it had before."""

    folder: Path
    log: LogReader
    heads: tuple[TreeHead, ...]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Made]:
    """One log that grew in steps; of each step a copy."""
    root = tmp_path_factory.mktemp("logs")
    signer = SigningKey(b"g" * 32)
    log = Log(root / "log", ORIGIN, signer)
    heads: list[TreeHead] = []
    made = {}
    for start, stop in pairwise((0, *SIZES)):
        log.append([StatementLeaf(Digest.of(b"%d" % n)).encode() for n in range(start, stop)])
        heads.append(log.head())
        copy = root / str(stop)
        shutil.copytree(root / "log", copy)
        made[stop] = Made(copy, Log(copy, ORIGIN, signer), tuple(heads))
    return made


def text64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def claims_of(made: Made) -> dict[str, Any]:
    """What we say of a log: some entries and all earlier heads, each with its proof."""
    size = made.heads[-1].size
    indexes = sorted({0, 1, 255, 256, 300, 512, 65_535, 65_536, size // 2, size - 1} & set(range(size)))
    return {
        "Key": str(made.log.key),
        "Inclusion": [
            {
                "Index": index,
                "Entry": text64(made.log.leaf(index)),
                "Path": [text64(one) for one in made.log.inclusion(index).path],
            }
            for index in indexes
        ],
        "Consistency": [
            {
                "Size": head.size,
                "Root": text64(head.root),
                "Path": [text64(one) for one in made.log.consistency(head)],
            }
            for head in made.heads
        ],
    }


Check = Callable[[Path, dict[str, Any]], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def check(go_peer: Path, tmp_path: Path) -> Check:
    """Have Go verify a log and what is claimed of it."""

    def run(folder: Path, claims: dict[str, Any]) -> subprocess.CompletedProcess[str]:
        (tmp_path / "claims.json").write_text(json.dumps(claims))
        command = [str(go_peer), "check", str(folder), str(tmp_path / "claims.json")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize("size", SIZES)
def test_go_verifies_our_checkpoints_tiles_entries_and_proofs(
    grown: dict[int, Made], check: Check, size: int
) -> None:
    answer = check(grown[size].folder, claims_of(grown[size]))
    assert (answer.returncode, answer.stdout.strip()) == (0, str(size)), answer.stderr


def test_go_verifies_a_mirror_that_followed_a_log_in_steps(
    grown: dict[int, Made], check: Check, tmp_path: Path
) -> None:
    mirror = Mirror(tmp_path / "mirror", grown[1].log.key)
    for size in (1, 257, 1000):
        log = grown[size].log
        signed = log.signed_checkpoint()
        assert signed is not None
        mirror.extend(signed, log.leaves(mirror.head().size))
    answer = check(tmp_path / "mirror", claims_of(Made(tmp_path / "mirror", mirror, grown[1000].heads)))
    assert (answer.returncode, answer.stdout.strip()) == (0, "1000"), answer.stderr


def small_copy(grown: dict[int, Made], tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path / "log"
    shutil.copytree(grown[1000].folder, folder)
    return folder, claims_of(grown[1000])


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("checkpoint", "checkpoint: invalid signature"),
        ("tile/entries/001", "the entries lead to"),
        ("tile/entries/003.p/232", "the entries lead to"),
        ("tile/0/001", "tile/0/001 has other hashes"),
        ("tile/1/000.p/3", "tile/1/000.p/3 has other hashes"),
    ],
)
def test_go_refuses_a_log_with_one_other_byte(
    grown: dict[int, Made], check: Check, tmp_path: Path, path: str, reason: str
) -> None:
    folder, claims = small_copy(grown, tmp_path)
    data = bytearray((folder / path).read_bytes())
    data[len(ORIGIN) + 1 if path == "checkpoint" else -1] ^= 1
    (folder / path).write_bytes(data)
    answer = check(folder, claims)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert reason in answer.stderr


@pytest.mark.parametrize(
    ("kind", "name"),
    [("Inclusion", "Entry"), ("Inclusion", "Path"), ("Consistency", "Root"), ("Consistency", "Path")],
)
def test_go_refuses_a_claim_with_one_other_byte(
    grown: dict[int, Made], check: Check, tmp_path: Path, kind: str, name: str
) -> None:
    folder, claims = small_copy(grown, tmp_path)
    other = text64(bytes(32))
    claim = claims[kind][2]
    claim[name] = [other, *claim[name][1:]] if name == "Path" else other
    answer = check(folder, claims)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith(kind.lower())


def test_go_refuses_the_checkpoint_of_another_log(
    grown: dict[int, Made], check: Check, tmp_path: Path
) -> None:
    folder, claims = small_copy(grown, tmp_path)
    key = VerifierKey("another.test/log", SigningKey(b"g" * 32).public)
    assert "no verifiable signatures" in check(folder, {**claims, "Key": str(key)}).stderr


def cosignature(name: str, text: str, key: SigningKey, time: int) -> NoteSignature:
    """A line as a witness adds it (C2SP tlog-cosignature, cosignature/v1)."""
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\x04" + key.public.raw).digest()[:4]
    signature = key.sign(f"cosignature/v1\ntime {time}\n{text}".encode())
    return NoteSignature(name, key_id, time.to_bytes(8) + signature)


def test_a_checkpoint_with_cosignatures_and_unknown_lines_still_opens(
    grown: dict[int, Made], check: Check, tmp_path: Path
) -> None:
    folder, claims = small_copy(grown, tmp_path)
    signed = (folder / "checkpoint").read_text()
    text = signed.partition("\n\n")[0] + "\n"
    witness = cosignature("witness.test/w", text, SigningKey(b"w" * 32), 1_700_000_000)
    # Under the log's own name: 2,420 bytes, as an ML-DSA-44 signature has, by a key that Go does not know.
    post_quantum = NoteSignature(ORIGIN, b"\x01\x02\x03\x04", bytes(2420))
    (folder / "checkpoint").write_text(post_quantum.line().join([signed, witness.line()]))
    answer = check(folder, claims)
    assert (answer.returncode, answer.stdout.strip()) == (0, "1000"), answer.stderr
    assert LogReader(LogFolder(folder), VerifierKey.parse(claims["Key"])).head() == grown[1000].heads[-1]


def test_a_wrong_line_of_the_logs_own_key_is_refused_beside_a_right_cosignature(
    grown: dict[int, Made], check: Check, tmp_path: Path
) -> None:
    folder, claims = small_copy(grown, tmp_path)
    text = (folder / "checkpoint").read_text().partition("\n\n")[0] + "\n"
    witness = cosignature("witness.test/w", text, SigningKey(b"w" * 32), 1_700_000_000)
    wrong = NoteSignature(ORIGIN, VerifierKey.parse(claims["Key"]).key_id, bytes(64))
    (folder / "checkpoint").write_text(f"{text}\n{witness.line()}{wrong.line()}")
    assert "invalid signature for key" in check(folder, claims).stderr


# Not the empty log: Go (Debian 12's) gives it a root of zeros, RFC 6962 the hash of nothing.
@pytest.mark.parametrize("size", [1, 256, 257, 70_000])
def test_we_read_and_prove_a_log_that_go_wrote(go_peer: Path, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "log"
    made = subprocess.run(
        [go_peer, "make", folder, ORIGIN, str(size)], capture_output=True, text=True, check=True
    )
    reader = LogReader(LogFolder(folder), VerifierKey.parse(made.stdout.strip()))
    assert reader.head().size == size
    assert list(reader.leaves()) == [b"entry %d" % n for n in range(size)]
    assert {path for path in LogFolder(folder).paths("tile") if parse_tile_path(path) is None} == set()
    for index in {0, size // 2, size - 1} & set(range(size)):
        assert reader.leaf(index) == b"entry %d" % index
        assert reader.inclusion(index).size == size
    assert reader.consistency(EMPTY_HEAD) == ()
