"""Two heads of one size never both get a cosignature, whoever asks at the same time and whenever we die."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hashstore.merkle import consistency_path, leaf_hashes, merkle_root, verify_consistency
from node.errors import NodeError
from node.witness import Witness, WitnessStore
from provenance.cosignature import Cosigner, cosignatures
from provenance.keys import SigningKey, VerifierKey
from provenance.log.checkpoint import Checkpoint, TreeHead, open_checkpoint
from provenance.log.note import parse_note
from provenance.witness import check_equivocation, decode_equivocation, encode_request

ORIGIN = "museum.example/log"
LOG = SigningKey(b"l" * 32)
KEY = VerifierKey(ORIGIN, LOG.public)
COSIGNER = Cosigner("witness.example", SigningKey(b"w" * 32))
FORKS = {name: leaf_hashes([b"%s %d" % (name.encode(), n) for n in range(400)]) for name in "ab"}


def signed(fork: str, size: int) -> bytes:
    return Checkpoint(ORIGIN, TreeHead(size, merkle_root(FORKS[fork][:size]))).sign(LOG)


def request(fork: str, old: int, size: int) -> bytes:
    proof = consistency_path(FORKS[fork][:size], old) if 0 < old < size else ()
    return encode_request(old, proof, signed(fork, size))


def keys_of(checkpoint: Checkpoint) -> tuple[VerifierKey, ...] | None:
    return (KEY,) if checkpoint.origin == ORIGIN else None


def witness(path: Path) -> Witness:
    return Witness(WitnessStore(path), [COSIGNER], keys_of, lambda: 1_700_000_000)


def test_a_cosigned_checkpoint_is_kept_and_answered_with_one_line(tmp_path: Path) -> None:
    cosigning = witness(tmp_path / "witness.sqlite")
    answer = cosigning.add_checkpoint(request("a", 0, 7))
    assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")
    note = signed("a", 7) + answer.body
    assert len(cosignatures(parse_note(note), open_checkpoint(note, KEY), [COSIGNER.key])) == 1
    assert cosigning.checkpoint(hashlib.sha256(ORIGIN.encode()).hexdigest()) == note
    assert cosigning.checkpoint("0" * 64) is None
    again = cosigning.add_checkpoint(request("a", 0, 9))
    assert (again.status, again.content_type, again.body) == (409, "text/x.tlog.size", b"7\n")
    assert cosigning.add_checkpoint(b"nonsense").status == 400
    stranger = Checkpoint("other.example", TreeHead(0, bytes(32))).sign(LOG)
    assert cosigning.add_checkpoint(encode_request(0, (), stranger)).status == 404


def test_a_contradiction_is_not_cosigned_but_kept_as_proof(tmp_path: Path) -> None:
    store = WitnessStore(tmp_path / "witness.sqlite")
    cosigning = Witness(store, [COSIGNER], keys_of)
    assert cosigning.add_checkpoint(request("a", 0, 7)).status == 200
    for _ in range(2):
        assert cosigning.add_checkpoint(encode_request(7, (), signed("b", 7))).status == 422
    ((origin, digest, data),) = store.equivocations()
    proof = decode_equivocation(data)
    assert check_equivocation(proof, lambda note: open_checkpoint(note, KEY)) == origin == ORIGIN
    assert str(digest).endswith(digest.hex)


def test_a_record_that_is_damaged_cosigns_nothing(tmp_path: Path) -> None:
    path = tmp_path / "witness.sqlite"
    path.write_bytes(b"no database " * 1000)
    with pytest.raises(NodeError, match="witnessed"):
        witness(path).add_checkpoint(request("a", 0, 7))


def climb(cosigning: Witness, fork: str, most: int, chance: random.Random, said: list[bytes]) -> None:
    """Ask for ever larger heads of one fork, from whatever size the witness tells."""
    old = 0
    while old < most:
        size = min(most, old + chance.randint(0, 5) or 1)
        answer = cosigning.add_checkpoint(request(fork, min(old, size), max(old, size)))
        if answer.status == 200:
            said.append(signed(fork, max(old, size)) + answer.body)
            old = max(old, size)
        elif answer.status == 409:
            old = int(answer.body)
        else:
            return


def test_threads_that_push_two_forks_at_once_get_one_of_them(tmp_path: Path) -> None:
    said: list[bytes] = []
    start = threading.Barrier(6)

    def push(fork: str, seed: int) -> None:
        start.wait()
        climb(witness(tmp_path / "witness.sqlite"), fork, 60, random.Random(seed), said)

    threads = [threading.Thread(target=push, args=("ab"[n % 2], n)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert one_story(said)


def one_story(said: list[bytes]) -> bool:
    """Whether all cosigned heads are heads of one and the same growing log."""
    heads = [open_checkpoint(note, KEY).head for note in said]
    return len(heads) > 3 and any(
        all(head.root == merkle_root(hashes[: head.size]) for head in heads) for hashes in FORKS.values()
    )


PUSHER = """
import os, random, sys
sys.path.insert(0, sys.argv[4])
from pathlib import Path
import test_witness_store as here
class Said(list):
    def append(self, note):
        os.write(1, note.hex().encode() + b"\\n")
os.write(1, b"ready\\n")
here.climb(here.witness(Path(sys.argv[1])), sys.argv[2], 400, random.Random(int(sys.argv[3])), Said())
"""


@pytest.mark.slow
def test_kill_9_of_processes_that_push_two_forks_leaves_one_story(tmp_path: Path) -> None:
    chance = random.Random(6962)
    path, here = tmp_path / "witness.sqlite", str(Path(__file__).parent)
    said: list[bytes] = []
    for life in range(5):
        running = []
        for fork in "ab":
            command = [sys.executable, "-c", PUSHER, str(path), fork, str(life), here]
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.1))
        for process in running:
            assert process.stdout is not None
            process.kill()
            lines = process.stdout.read().split(b"\n")[:-1]
            said += [bytes.fromhex(line.decode()) for line in lines]
            process.wait()
    assert one_story(said)
    largest = max((open_checkpoint(note, KEY).head for note in said), key=lambda head: head.size)
    held = WitnessStore(path)
    with held.writing() as writing:
        head = writing.held(ORIGIN).head
    told = next(hashes for hashes in FORKS.values() if merkle_root(hashes[: head.size]) == head.root)
    proof = consistency_path(told[: head.size], largest.size) if largest.size < head.size else ()
    verify_consistency(largest.size, largest.root, head.size, head.root, proof)
