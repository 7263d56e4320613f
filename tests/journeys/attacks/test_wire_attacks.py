"""What whoever answers may try on the wire; each leaves the follower whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

import pytest

from node.peers import client, sync

if TYPE_CHECKING:
    from tests.journeys.attacks.conftest import Publisher, Tell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(bytes(65536))


def _wrong_length(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(bytes(1000))


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        pytest.param(_endless, "/log/checkpoint", id="endless-checkpoint"),
        pytest.param(_endless, "/log/tile/entries/", id="endless-leaves"),
        pytest.param(_endless, "/pack", id="endless-blobs"),
        pytest.param(_wrong_length, "/log/tile/entries/", id="short-leaves"),
        pytest.param(_wrong_length, "/pack", id="short-blobs"),
    ],
)
def test_answers_without_end_or_of_wrong_length_end(
    tell: Tell, publisher: Publisher, place: str, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    story = tell(1)
    story.server.root = publisher.second
    story.server.lie = lambda path, honest: answer if path.startswith(place) else honest
    begun = time.monotonic()
    story.troubled()
    assert time.monotonic() - begun < 60
    story.heals()


def test_a_slow_loris_is_hung_up_on(
    tell: Tell, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = tell(1)
    monkeypatch.setattr(client, "_PATIENCE", 0.6)
    monkeypatch.setattr(client, "_GRACE", 1.0)
    story.server.root = publisher.second
    story.server.lie = lambda path, honest: _drip if path == "/pack" else honest
    begun = time.monotonic()
    (result,) = sync.follow_all(story.follower)
    assert result.trouble
    assert time.monotonic() - begun < 30
    story.unharmed()
    story.heals()


def test_wrong_bytes_under_a_right_name_are_thrown_away(tell: Tell, publisher: Publisher) -> None:
    story = tell(1)

    def changed(path: str, answer: bytes | None) -> bytes | None:
        return answer[:-1] + b"?" if answer and path.startswith(("/blob/", "/pack")) else answer

    story.server.root, story.server.lie = publisher.second, changed
    assert "Nobody who could be asked" in story.troubled()
    story.heals()
