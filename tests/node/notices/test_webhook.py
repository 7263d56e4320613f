from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from crawlers.fetch import AddressPolicy
from node.errors import JobRefused, NoticeError
from node.notices.webhook import call, check_url, new_secret, signed_headers


class _Receiver(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.calls.append((dict(self.headers.items()), body))
        time.sleep(self.server.wait)
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("location", "/elsewhere")
        self.end_headers()
        for _ in range(self.server.chunks):
            self.wfile.write(b"x" * 65_536)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    status, wait, chunks = 204, 0.0, 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.calls: list[tuple[dict[str, str], bytes]] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a caller who has heard enough hangs up

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


@pytest.fixture
def receiver() -> Iterator[_Server]:
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


_ANYWHERE = AddressPolicy(allow_private=True)


def test_a_call_is_verified_by_the_library_of_the_specification(receiver: _Server) -> None:
    secret, body = new_secret(), b'{"type":"vasculum.news"}'
    headers = signed_headers(secret, "msg_1", int(time.time()), body)
    assert call(receiver.url, headers, body, _ANYWHERE, 5) == 204
    [(fields, came)] = receiver.calls
    assert Webhook(secret).verify(came, fields) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(came, fields)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(came + b" ", fields)


@given(body=st.binary(max_size=200), id=st.uuids().map(str))
def test_what_is_signed_holds_for_just_this_body_and_name(body: bytes, id: str) -> None:
    secret = new_secret()
    headers = signed_headers(secret, id, 1_800_000_000, body)
    assert headers == signed_headers(secret, id, 1_800_000_000, body)
    for other in (
        signed_headers(secret, id + "x", 1_800_000_000, body),
        signed_headers(secret, id, 1_800_000_001, body),
        signed_headers(secret, id, 1_800_000_000, body + b"x"),
        signed_headers(new_secret(), id, 1_800_000_000, body),
    ):
        assert other["webhook-signature"] != headers["webhook-signature"]


def test_a_private_address_is_not_called_unless_it_is_allowed(receiver: _Server) -> None:
    with pytest.raises(NoticeError, match=r"webhooks\.allow_private"):
        call(receiver.url, {}, b"{}", AddressPolicy(), 5)
    with pytest.raises(NoticeError, match=r"webhooks\.allow_private"):
        call(receiver.url.replace("127.0.0.1", "localhost"), {}, b"{}", AddressPolicy(), 5)
    assert receiver.calls == []


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_a_call_without_success_is_to_be_made_again(receiver: _Server, status: int) -> None:
    receiver.status = status
    with pytest.raises(NoticeError, match=f"status {status}"):
        call(receiver.url, {}, b"{}", _ANYWHERE, 5)
    assert len(receiver.calls) == 1, "redirects are not followed"


def test_a_receiver_that_is_gone_is_called_no_more(receiver: _Server) -> None:
    receiver.status = 410
    with pytest.raises(JobRefused, match="wants no more"):
        call(receiver.url, {}, b"{}", _ANYWHERE, 5)


def test_a_receiver_that_is_slow_absent_or_endless_does_not_hold_us_up(receiver: _Server) -> None:
    receiver.status, receiver.chunks = 200, 1_000
    assert call(receiver.url, {}, b"{}", _ANYWHERE, 5) == 200
    receiver.chunks, receiver.wait = 0, 2.0
    begun = time.monotonic()
    with pytest.raises(NoticeError, match="did not answer"):
        call(receiver.url, {}, b"{}", _ANYWHERE, 0.5)
    assert time.monotonic() - begun < 2.5
    with pytest.raises(NoticeError, match="cannot be called"):
        call("http://127.0.0.1:9/", {}, b"{}", _ANYWHERE, 5)
    with pytest.raises(NoticeError, match="cannot be called"):
        call("http://nowhere.invalid/", {}, b"{}", _ANYWHERE, 5)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a.test/", "https://", "http://user:pw@a.test/", "https://a.test/#x", "https://a.test/ b",
     "https://a.test:0/", "https://a.test:99999/", "https://ä.test/", "https://a.test/\n", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook_is_refused(url: str) -> None:
    with pytest.raises(NoticeError):
        check_url(url)
    assert check_url("https://a.test:8443/hook?x=1")
