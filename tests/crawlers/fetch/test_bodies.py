import gzip
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from crawlers.fetch import Capture, FetchRequest, Outcome, Reason
from crawlers.fetch.tdm import Reservation
from crawlers.testing import Asked, ScriptedSite, answer, fetch_now
from crawlers.testing.scripted_site import Hangup, Step
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.digest import Digest

JPEG = b"\xff\xd8\xff\xe0" + bytes(5_000)


def image(site: ScriptedSite, **limits: Any) -> Capture:
    [capture] = fetch_now(FetchRequest(site.url("/a"), "image", expect="image"), **limits)
    return capture


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<!DOCTYPE html><html>Sorry</html>", "an HTML page"),
        (b'  {"error": "quota"}', "JSON"),
        (b"<?xml version='1.0'?><Error/>", "XML or HTML"),
        (b"Not found\n", "text"),
        (b"%PDF-1.7\n" + bytes(900), "a PDF"),
        (bytes(900), "bytes of no known image format"),
    ],
)
def test_a_page_answered_with_200_for_an_image_is_a_failure(
    site: ScriptedSite, body: bytes, said: str
) -> None:
    site.on("/a", answer(200, body, content_type="image/jpeg"))
    capture = image(site)
    assert (capture.outcome, capture.reason, capture.status) == (Outcome.FAILED, Reason.NOT_AN_IMAGE, 200)
    assert said in (capture.message or "")
    assert (capture.digest, capture.sealed, site.times("/a")) == (None, None, 1)


def test_an_image_under_a_false_media_type_is_an_image(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG, content_type="text/html"))
    capture = image(site)
    assert (capture.outcome, capture.media_type, capture.sniffed) == (
        Outcome.FETCHED,
        "text/html",
        "image/jpeg",
    )


def test_where_no_image_is_expected_a_page_is_welcome(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"<html>"))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.outcome, capture.sniffed) == (Outcome.FETCHED, None)


@pytest.mark.parametrize("length", ["0", ""])
def test_an_empty_body_is_a_failure(site: ScriptedSite, length: str) -> None:
    def script(asked: Asked) -> Iterable[Step]:
        yield answer(200, content_length=length)
        raise Hangup

    site.script("/a", script)
    assert image(site).reason is Reason.EMPTY


def test_a_body_declared_too_large_is_not_read(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG, content_length="1000000"))
    capture = image(site, max_bytes=100_000)
    assert (capture.reason, site.times("/a")) == (Reason.TOO_LARGE, 1)


def test_a_request_may_lower_the_limit(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG))
    [capture] = fetch_now(FetchRequest(site.url("/a"), "image", max_bytes=1_000))
    assert capture.reason is Reason.TOO_LARGE


def test_an_endless_body_is_cut_off(site: ScriptedSite, tmp_path: Path) -> None:
    def endless(asked: Asked) -> Iterable[Step]:
        yield answer(200, JPEG, content_length="")
        while True:
            yield bytes(50_000)

    site.script("/a", endless)
    store = DirectoryBlobStore(tmp_path)
    [capture] = fetch_now(site.url("/a"), store=store, max_bytes=1_000_000)
    assert (capture.reason, capture.attempt) == (Reason.TOO_LARGE, 1)
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.is_file() and path.stat().st_size]


def test_a_body_shorter_than_declared_has_broken_off(site: ScriptedSite) -> None:
    def short(asked: Asked) -> Iterable[Step]:
        yield answer(200, JPEG, content_length=str(len(JPEG) + 1))
        raise Hangup

    site.script("/a", short)
    capture = image(site, attempts=2)
    assert (capture.reason, capture.attempt, capture.digest) == (Reason.BROKEN_TRANSFER, 2, None)


def test_a_body_longer_than_declared_ends_where_it_was_declared(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG, content_length=str(len(JPEG) - 10)))
    first, second = fetch_now(site.url("/a"), site.url("/a"))
    assert first.digest == second.digest == Digest.of(JPEG[:-10])


def test_contradicting_lengths_are_no_answer(site: ScriptedSite) -> None:
    site.on("/a", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456")
    assert image(site, attempts=1).outcome is Outcome.FAILED


@pytest.mark.parametrize("reply", [b"", b"\x00\x01\x02\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"SSH-2.0-x\r\n"])
def test_what_is_not_http_is_a_failure(site: ScriptedSite, reply: bytes) -> None:
    def script(asked: Asked) -> Iterable[Step]:
        yield reply
        raise Hangup

    site.script("/a", script)
    capture = image(site, attempts=2)
    assert (capture.reason, capture.status, capture.attempt) == (Reason.BROKEN_TRANSFER, None, 2)


def test_a_silent_server_is_left_after_the_read_timeout(site: ScriptedSite) -> None:
    site.script("/a", lambda asked: [5.0])
    began = time.monotonic()
    capture = image(site, read_timeout=0.2, attempts=2)
    assert (capture.reason, capture.attempt) == (Reason.TIMED_OUT, 2)
    assert time.monotonic() - began < 2


def test_a_server_that_trickles_is_left(site: ScriptedSite) -> None:
    """Slow loris: each byte comes within the read timeout, the body never."""

    def trickle(asked: Asked) -> Iterable[Step]:
        yield answer(200, JPEG[:10], content_length="5000")
        while True:
            yield 0.05
            yield b"x"

    site.script("/a", trickle)
    began = time.monotonic()
    capture = image(site, slow_after=0.3, slowest=1_000, attempts=1)
    assert capture.reason is Reason.TOO_SLOW
    assert time.monotonic() - began < 2


def test_an_attempt_ends_at_the_total_timeout(site: ScriptedSite) -> None:
    def trickle(asked: Asked) -> Iterable[Step]:
        yield answer(200, JPEG[:10], content_length="5000")
        while True:
            yield 0.05
            yield b"x"

    site.script("/a", trickle)
    assert image(site, total_timeout=0.4, attempts=1).reason is Reason.TIMED_OUT


def test_the_digest_is_over_the_bytes_as_received_even_if_compressed(site: ScriptedSite) -> None:
    squeezed = gzip.compress(JPEG, mtime=0)
    site.on("/a", answer(200, squeezed, content_encoding="gzip", content_type="image/jpeg"))
    capture = image(site)
    assert (capture.outcome, capture.digest) == (Outcome.FETCHED, Digest.of(squeezed))
    assert capture.sniffed == "image/jpeg"
    assert "Content-Encoding gzip" in (capture.message or "")


def test_a_compressed_page_is_no_image_either(site: ScriptedSite) -> None:
    site.on("/a", answer(200, gzip.compress(b"<html>" + bytes(range(97, 120)) * 99), content_encoding="gzip"))
    assert image(site).reason is Reason.NOT_AN_IMAGE


def test_a_compressed_transfer_is_never_resumed(site: ScriptedSite) -> None:
    squeezed = gzip.compress(JPEG)

    def script(asked: Asked) -> Iterable[Step]:
        if site.times("/a") > 1:
            yield answer(200, squeezed)
            return
        yield answer(200, squeezed[:20], content_length="500", content_encoding="gzip", etag='"1"')
        raise Hangup

    site.script("/a", script)
    [capture] = fetch_now(site.url("/a"))
    assert capture.digest == Digest.of(squeezed)
    assert "range" not in site.asked[-1].fields


def test_chunked_bodies_are_joined(site: ScriptedSite) -> None:
    site.on("/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    [capture] = fetch_now(site.url("/a"))
    assert capture.digest == Digest.of(b"abcde")


def test_reserved_images_are_refused_unless_the_operator_has_leave(site: ScriptedSite) -> None:
    policy = "https://museum.example/policy.json"
    site.on("/a", answer(200, JPEG, tdm_reservation="1", tdm_policy=policy))
    refused, taken = image(site), image(site, honour_tdm=False)
    assert (refused.outcome, refused.reason) == (Outcome.FAILED, Reason.TDM_RESERVED)
    assert policy in (refused.message or "")
    assert (taken.outcome, taken.reservation) == (Outcome.FETCHED, Reservation(True, policy))
    row = taken.row("museum", "urn:uuid:1")
    assert (row["tdmReservation"], row["tdmPolicy"]) == ("1", policy)


def test_a_waived_reservation_is_noted(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG, tdm_reservation="0"))
    assert image(site).reservation == Reservation(False, "")


def test_what_robots_are_told_of_an_image_is_kept_with_it(site: ScriptedSite) -> None:
    site.on("/a", answer(200, JPEG, x_robots_tag="noai, noimageai"))
    assert image(site).row("museum", "urn:uuid:1")["robotsTag"] == "noai, noimageai"
