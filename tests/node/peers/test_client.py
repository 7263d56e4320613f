"""Whatever a peer sends, asking it ends soon, holds little memory, and ends with an error of ours."""

from __future__ import annotations

import itertools
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.errors import PeerError
from node.peers import client as module
from node.peers.client import (
    PeerClient,
    PeerMisbehaved,
    PeerUnreachable,
    Refusal,
    UnexpectedStatus,
    copy_body,
)

if TYPE_CHECKING:
    from tests.node.peers.conftest import Rogues

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.5)
    monkeypatch.setattr(module, "_GRACE", 0.7)
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.1)


def _asked(line: socket.socket) -> bytes:
    """Read one request's head."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = line.recv(1)
        if not part:
            raise OSError
        head += part
    return head


def _says(answer: bytes) -> Callable[[socket.socket], None]:
    def behave(line: socket.socket) -> None:
        _asked(line)
        line.sendall(answer)

    return behave


def _get(url: str, most: int = 1000) -> bytes | Refusal:
    with PeerClient(url) as peer:
        return peer.get("/x", most)


def test_an_answer_comes_whole(rogue: Rogues) -> None:
    assert _get(rogue(_says(OK + b"content-length: 5\r\n\r\nhello")).url) == b"hello"


@pytest.mark.parametrize("status", [404, 410])
def test_that_there_is_nothing_is_an_answer(rogue: Rogues, status: int) -> None:
    peer = rogue(_says(b"HTTP/1.1 %d No\r\ncontent-length: 0\r\n\r\n" % status))
    assert _get(peer.url) == Refusal(status)


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 308, 400, 401, 403, 500, 999])
def test_redirects_and_every_other_status_are_refused(rogue: Rogues, status: int) -> None:
    fields = b"location: http://169.254.169.254/latest/meta-data\r\ncontent-length: 0\r\n\r\n"
    peer = rogue(_says(b"HTTP/1.1 %d Elsewhere\r\n" % status + fields))
    with pytest.raises(UnexpectedStatus):
        _get(peer.url)
    assert peer.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 two OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n" + b"x: y\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 200 " + b"O" * 100_000,
        OK + b"x: " + b"y" * 100_000 + b"\r\n\r\n",
        OK + b"content-length: 10\r\n\r\nshort",
        OK + b"content-length: 5\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        OK + b"transfer-encoding: chunked\r\n\r\n5\r\nhel",
        OK + b"transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nretry-after: \xb2\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nretry-after: 99999999999999999999\r\ncontent-length: 0\r\n\r\n",
    ],
    ids=range(14),
)
def test_garbage_ends_with_an_error_of_ours(rogue: Rogues, answer: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerError):
        _get(rogue(_says(answer)).url)
    assert time.monotonic() - begun < 5


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80))
def test_whatever_follows_the_status_line_it_is_bytes_or_an_error_of_ours(rogue: Rogues, rest: bytes) -> None:
    peer = rogue(_says(OK + rest))
    try:
        assert isinstance(_get(peer.url), bytes)
    except PeerError:
        pass
    finally:
        peer.close()


def _endless(head: bytes, part: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def behave(line: socket.socket) -> None:
        _asked(line)
        line.sendall(head)
        for _ in itertools.count():
            line.sendall(part)
            time.sleep(pause)

    return behave


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (OK + b"\r\n", b"x" * 65536),
        (OK + b"content-length: 99999999999\r\n\r\n", b"x" * 65536),
        (OK + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (OK + b"transfer-encoding: chunked\r\n\r\n", b"1;" + b"x" * 60_000 + b"\r\ny\r\n"),
        (OK + b"transfer-encoding: chunked\r\n\r\n0\r\n", b"trailer: " + b"x" * 60_000 + b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\nx: " + b"y" * 60_000 + b"\r\n\r\n"),
        (OK, b"x: y\r\n" * 1000),
    ],
    ids=["body", "length", "chunks", "chunk-lengths", "trailers", "interim", "fields"],
)
def test_endless_answers_end_here(rogue: Rogues, head: bytes, part: bytes) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerError):
        _get(rogue(_endless(head, part)).url, 100_000)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "head", [b"", OK, OK + b"content-length: 1000000\r\n\r\n", OK + b"transfer-encoding: chunked\r\n\r\n"]
)
def test_a_byte_now_and_then_does_not_hold_us_up_whatever_length_was_promised(
    rogue: Rogues, head: bytes
) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerUnreachable, match=r"too long|timed out"):
        _get(rogue(_endless(head, b"1", 0.1)).url, 64 << 30)
    assert time.monotonic() - begun < 5


def test_silence_does_not_hold_us_up(rogue: Rogues) -> None:
    begun = time.monotonic()
    with pytest.raises(PeerUnreachable):
        _get(rogue(lambda line: time.sleep(30)).url)
    assert time.monotonic() - begun < 5


def test_who_does_not_listen_does_not_hold_us_up(rogue: Rogues) -> None:
    begun = time.monotonic()
    peer = rogue(lambda line: time.sleep(30))
    with (
        PeerClient(peer.url) as client,
        pytest.raises(PeerUnreachable),
        client.answer("POST", "/pack", body=bytes(64 << 20), most=1000),
    ):
        pass
    assert time.monotonic() - begun < 5


def test_a_slow_but_steady_answer_comes_whole(rogue: Rogues, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLOWEST", 10_000)

    def steady(line: socket.socket) -> None:
        _asked(line)
        line.sendall(OK + b"content-length: 40000\r\n\r\n")
        for _ in range(20):
            line.sendall(b"x" * 2000)
            time.sleep(0.08)

    assert _get(rogue(steady).url, 50_000) == b"x" * 40_000


def test_a_connection_is_kept_for_the_next_request(rogue: Rogues) -> None:
    def twice(line: socket.socket) -> None:
        for number in range(2):
            _asked(line)
            line.sendall(OK + b"content-length: 1\r\n\r\n%d" % number)

    peer = rogue(twice)
    with PeerClient(peer.url) as client:
        assert [client.get("/x", 10) for _ in range(2)] == [b"0", b"1"]
        # It was closed by the other end meanwhile: asked again on a new one.
        assert client.get("/x", 10) == b"0"
    assert peer.connections == 2


def test_what_was_left_unread_is_not_taken_for_the_next_answer(rogue: Rogues) -> None:
    def behave(line: socket.socket) -> None:
        while True:
            path = _asked(line).split()[1]
            line.sendall(OK + b"content-length: 100000\r\n\r\n" + path * 50_000)

    with PeerClient(rogue(behave).url) as client:
        with client.answer("GET", "/a", most=200_000) as answer:
            assert not isinstance(answer, Refusal)
            assert answer.read(2) == b"/a"
        with client.answer("GET", "/b", most=200_000) as answer:
            assert not isinstance(answer, Refusal)
            assert answer.read(2) == b"/b"


def test_a_body_longer_than_allowed_is_refused_while_it_comes(rogue: Rogues) -> None:
    peer = rogue(_endless(OK + b"\r\n", b"x" * 65536))
    taken = 0

    def take(piece: memoryview) -> None:
        nonlocal taken
        taken += len(piece)

    def ask(client: PeerClient) -> None:
        with client.answer("GET", "/x", most=1 << 20) as answer:
            assert not isinstance(answer, Refusal)
            copy_body(answer, take, 1 << 20, bytearray(4096))

    with PeerClient(peer.url) as client, pytest.raises(PeerMisbehaved):
        ask(client)
    assert taken <= 1 << 20


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff", b"{", b"", b"1" * 5000])
def test_json_that_is_none_ends_with_an_error_of_ours(rogue: Rogues, text: bytes) -> None:
    peer = rogue(_says(OK + b"content-length: %d\r\n\r\n" % len(text) + text))
    with PeerClient(peer.url) as client, pytest.raises(PeerMisbehaved, match="no JSON"):
        client.get_json("/x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "museum.example",
        "ftp://a",
        "file:///etc/passwd",
        "http://",
        "http://a:99999",
        "http://a:x",
        "http://[::1",
        "http://a?x",
        "http://a#x",
        "http://a/é",
        "http://a b",
        "http://a/\r\nx: y",
        "http://é.example",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(PeerError, match="no address"):
        PeerClient(url)
