"""A log asks witnesses over real HTTP, and publishes what they sign if it is still the same head."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from node.config import AskedWitness
from node.witness import Answer, Witness, WitnessStore
from node.witness.ask import gather
from provenance.cosignature import Cosigner
from provenance.keys import SigningKey, VerifierKey
from provenance.log.log import Log
from provenance.log.verify import verify_log
from provenance.witness import WitnessPolicy

ORIGIN = "museum.example/log"
LOG = SigningKey(b"l" * 32)
KEY = VerifierKey(ORIGIN, LOG.public)


@contextmanager
def served(answer: Callable[[bytes], Answer]) -> Iterator[str]:
    """A witness's HTTP side: the smallest server that can hold one."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/w/add-checkpoint"
            said = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(said.status)
            self.send_header("Content-Type", said.content_type)
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *args: object) -> None:
            """Tests say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/w"
        finally:
            server.shutdown()
            thread.join()


def cosigner(number: int) -> Cosigner:
    return Cosigner(f"w{number}.example", SigningKey(bytes([number]) * 32))


def witness(folder: Path, number: int) -> Witness:
    return Witness(WitnessStore(folder / f"w{number}.sqlite"), [cosigner(number)], lambda _: (KEY,))


@pytest.fixture
def log(tmp_path: Path) -> Log:
    log = Log(tmp_path / "log", ORIGIN, LOG)
    log.append([b"%d" % n for n in range(5)])
    return log


def test_a_checkpoint_is_published_with_the_cosignatures_that_hold(log: Log, tmp_path: Path) -> None:
    store, asked = WitnessStore(tmp_path / "own.sqlite"), [0]
    witnesses = [witness(tmp_path, 1), witness(tmp_path, 2)]

    def counted(body: bytes) -> Answer:
        asked[0] += 1
        return witnesses[0].add_checkpoint(body)

    liar = cosigner(3)
    with (
        served(counted) as first,
        served(witnesses[1].add_checkpoint) as second,
        served(
            lambda body: Answer(200, "text/plain", b"\xe2\x80\x94 w3.example YWJjZGVlZWVlZWU=\n")
        ) as third,
        httpx.Client(timeout=5) as client,
    ):
        gone = AskedWitness("http://127.0.0.1:1/w", cosigner(4).key)
        asked_for = [
            AskedWitness(first, cosigner(1).key),
            AskedWitness(f"{second}/", cosigner(2).key),
            AskedWitness(third, liar.key),
            gone,
        ]
        policy = WitnessPolicy(frozenset(each.key for each in asked_for), 2)
        for size in (5, 300):
            done = gather(log, asked_for, 2, client, store)
            assert done.cosigned == ("w1.example", "w2.example")
            assert [name for name, _ in done.failed] == ["w3.example", "w4.example"]
            assert done.strong
            published = log.signed_checkpoint()
            assert published is not None
            assert policy.judge(published).strong
            known = [each.key for each in asked_for]
            assert list(verify_log(tmp_path / "log", KEY, lock=tmp_path / "log.lock", cosigners=known)) == []
            if size == 5:
                log.append([b"%d" % n for n in range(5, 300)])
                unsigned = log.signed_checkpoint()
                assert unsigned is not None
                assert not policy.judge(unsigned).strong
    assert asked[0] == 2


def test_a_witness_that_lost_our_record_of_it_is_asked_again_with_its_size(log: Log, tmp_path: Path) -> None:
    cosigning = witness(tmp_path, 1)
    with served(cosigning.add_checkpoint) as url, httpx.Client(timeout=5) as client:
        ask = [AskedWitness(url, cosigner(1).key)]
        assert gather(log, ask, 1, client, WitnessStore(tmp_path / "a.sqlite")).strong
        log.append([b"more"])
        assert gather(log, ask, 1, client, WitnessStore(tmp_path / "b.sqlite")).strong
        again = Witness(WitnessStore(tmp_path / "new.sqlite"), [cosigner(1)], lambda _: (KEY,))
    with served(again.add_checkpoint) as url, httpx.Client(timeout=5) as client:
        ask = [AskedWitness(url, cosigner(1).key)]
        assert gather(log, ask, 1, client, WitnessStore(tmp_path / "b.sqlite")).strong


def test_a_witness_that_knows_more_of_our_log_than_we_do_is_a_warning(log: Log, tmp_path: Path) -> None:
    older = Log(tmp_path / "older", ORIGIN, LOG)
    older.append([b"0", b"1"])
    with served(witness(tmp_path, 1).add_checkpoint) as url, httpx.Client(timeout=5) as client:
        ask = [AskedWitness(url, cosigner(1).key)]
        assert gather(log, ask, 1, client, WitnessStore(tmp_path / "a.sqlite")).strong
        done = gather(older, ask, 1, client, WitnessStore(tmp_path / "b.sqlite"))
    assert not done.strong
    assert "append nothing" in done.failed[0][1]


def test_an_answer_that_does_not_end_is_cut_off(log: Log, tmp_path: Path) -> None:
    with (
        served(lambda body: Answer(200, "text/plain", b"x" * 1_000_000)) as url,
        httpx.Client(timeout=5) as client,
    ):
        done = gather(log, [AskedWitness(url, cosigner(1).key)], 1, client, WitnessStore(tmp_path / "a"))
    assert "does not end" in done.failed[0][1]


def test_lines_for_a_head_that_has_been_overtaken_are_not_published(log: Log) -> None:
    checkpoint = log.checkpoint()
    assert checkpoint is not None
    line = cosigner(1).cosign(checkpoint, 1_700_000_000)
    log.append([b"overtaken"])
    before = log.signed_checkpoint()
    assert not log.publish_lines(checkpoint.text, [line])
    assert log.signed_checkpoint() == before
