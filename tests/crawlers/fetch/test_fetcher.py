import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawlers.fetch import Fetcher, FetchRequest, Limits, Outcome, Reason
from crawlers.testing import ScriptedSite, answer, fetch_now
from crawlers.testing.fetching import HASTY, LOOPBACK
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.blobstore.memory import MemoryBlobStore
from hashstore.digest import Digest


def staged_files(root: Path) -> list[Path]:
    return [path for path in (root / "tmp").rglob("*") if path.is_file() and path.stat().st_size]


def test_bytes_are_staged_and_land_only_when_the_caller_commits(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"bytes", content_type="text/plain; charset=utf-8", etag='"1"'))
    store = MemoryBlobStore()
    [capture] = fetch_now(site.url("/a"), store=store)
    assert (capture.outcome, capture.status, capture.size) == (Outcome.FETCHED, 200, 5)
    assert capture.digest == Digest.of(b"bytes")
    assert (capture.media_type, capture.etag, capture.final_url) == ("text/plain", '"1"', site.url("/a"))
    assert not store.contains(Digest.of(b"bytes"))
    assert capture.sealed is not None
    store.commit([capture.sealed])
    assert store.read(Digest.of(b"bytes")) == b"bytes"


def test_we_say_who_we_are_and_ask_for_the_file_as_it_lies_there(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"x", set_cookie="session=1"))
    fetch_now(site.url("/a"), site.url("/a"))
    fields = site.asked[-1].fields
    assert fields["user-agent"].startswith("Vasculum/")
    assert "+https://w3id.org/vasculum" in fields["user-agent"]
    assert (fields["accept-encoding"], fields["accept"]) == ("identity", "*/*")
    assert "cookie" not in fields


def test_connections_are_kept_alive(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"x"))
    site.on("/gone", answer(404, b"not here"))
    fetch_now(site.url("/a"), site.url("/gone"), site.url("/a"))
    assert (len(site.asked), site.connections) == (4, 1)


def test_a_connection_dropped_while_idle_costs_no_attempt(site: ScriptedSite) -> None:
    def once(asked: object) -> list[bytes]:
        return [answer(200, b"x")]

    site.script("/a", once)
    site.on("/robots.txt", answer(404, connection="close"))
    captures = fetch_now(site.url("/a"), site.url("/a"))
    assert [capture.attempt for capture in captures] == [1, 1]


def test_retry_after_seconds_are_waited_on_429(site: ScriptedSite) -> None:
    site.on("/a", answer(429, retry_after="1"), answer(200, b"x"))
    began = time.monotonic()
    [capture] = fetch_now(site.url("/a"))
    assert capture.outcome is Outcome.FETCHED
    assert time.monotonic() - began >= 0.95
    assert [(one.attempt, one.outcome, one.reason) for one in capture.attempts()] == [
        (1, Outcome.FAILED, Reason.RATE_LIMITED),
        (2, Outcome.FETCHED, None),
    ]


def test_retry_after_as_a_date_is_waited_on_503(site: ScriptedSite) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    site.on("/a", answer(503, retry_after=moment), answer(200, b"x"))
    [capture] = fetch_now(site.url("/a"))
    first, second = (asked.at for asked in site.asked if asked.path == "/a")
    assert capture.outcome is Outcome.FETCHED
    assert 0.9 <= second - first <= 3


def test_retry_after_pauses_the_whole_host(site: ScriptedSite) -> None:
    site.on("/busy", answer(429, retry_after="1"), answer(200, b"x"))
    site.on("/other", answer(200, b"y"))

    async def both() -> None:
        async with Fetcher(MemoryBlobStore(), HASTY, LOOPBACK) as fetcher:
            busy = asyncio.create_task(fetcher.fetch(FetchRequest(site.url("/busy"), "file")))
            while not site.times("/busy"):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            await fetcher.fetch(FetchRequest(site.url("/other"), "file"))
            await busy

    asyncio.run(both())
    asked = {one.path: one.at for one in reversed(site.asked)}
    assert asked["/other"] - asked["/busy"] >= 0.9


def test_a_host_that_asks_for_a_long_pause_is_left_alone(site: ScriptedSite) -> None:
    site.on("/a", answer(429, retry_after="3600"))
    first, second = fetch_now(site.url("/a"), site.url("/b"))
    assert (first.reason, second.reason) == (Reason.RATE_LIMITED, Reason.RATE_LIMITED)
    assert second.message is not None
    assert "left alone" in second.message
    assert (site.times("/a"), site.times("/b")) == (1, 0)


def test_passing_trouble_is_retried_a_bounded_number_of_times(site: ScriptedSite) -> None:
    site.on("/a", answer(503))
    [capture] = fetch_now(site.url("/a"), attempts=3)
    assert (capture.reason, capture.status, capture.attempt) == (Reason.SERVER_ERROR, 503, 3)
    assert site.times("/a") == 3
    assert [one.attempt for one in capture.attempts()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, Reason.REFUSED),
        (401, Reason.ACCESS_DENIED),
        (403, Reason.ACCESS_DENIED),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (451, Reason.LEGAL),
        (204, Reason.EMPTY),
        (299, Reason.BAD_ANSWER),
        (501, Reason.SERVER_ERROR),
        (206, Reason.BAD_ANSWER),
        (304, Reason.BAD_ANSWER),
    ],
)
def test_a_final_answer_is_not_asked_for_again(site: ScriptedSite, status: int, reason: Reason) -> None:
    site.on("/a", answer(status))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.outcome, capture.reason, capture.status) == (Outcome.FAILED, reason, status)
    assert site.times("/a") == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a url",
        "ftp://museum.example/a.jpg",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "//museum/a",
        "http://museum.example:99999/",
        "http://a\x00b/",
        "http://xn--.example/a.jpg",
        "http://xn--a.example/a.jpg",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_plain_http_url_is_never_asked_for(url: str) -> None:
    [capture] = fetch_now(url)
    assert (capture.outcome, capture.reason, capture.url) == (Outcome.FAILED, Reason.BAD_URL, url)


def test_a_password_in_a_url_is_neither_sent_nor_written_down(site: ScriptedSite) -> None:
    [capture] = fetch_now(f"http://user:secret@127.0.0.1:{site.port}/a.jpg")
    assert (capture.reason, capture.url) == (
        Reason.BAD_URL,
        f"http://[struck out]@127.0.0.1:{site.port}/a.jpg",
    )
    assert "secret" not in repr(capture)
    assert not site.asked


def test_urls_are_taken_as_lists_write_them(site: ScriptedSite) -> None:
    site.on("/a%20b.jpg", answer(200, b"x"))
    [capture] = fetch_now(f"  {site.url('/a b.jpg')}#page=2 ")
    assert (capture.outcome, capture.final_url) == (Outcome.FETCHED, site.url("/a%20b.jpg"))


def test_a_dead_host_is_given_up_after_several_failures() -> None:
    with ScriptedSite() as dead:
        url = dead.url("/a")
    captures = fetch_now(*[url] * 5, attempts=1, down_after=3, obey_robots=False)
    assert [one.reason for one in captures] == [Reason.CONNECT_FAILED] * 3 + [Reason.HOST_DOWN] * 2


def test_a_name_without_address_is_a_failure_with_that_reason() -> None:
    [capture] = fetch_now("http://museum.invalid/a", attempts=1)
    assert (capture.reason, capture.status) == (Reason.DNS_FAILED, None)


def test_a_server_without_tls_is_a_failure_with_that_reason(site: ScriptedSite) -> None:
    [capture] = fetch_now(f"https://127.0.0.1:{site.port}/a", attempts=1)
    assert capture.reason in (Reason.TLS_FAILED, Reason.CONNECT_FAILED, Reason.TIMED_OUT)


def test_a_failed_or_cancelled_fetch_leaves_nothing_staged(site: ScriptedSite, tmp_path: Path) -> None:
    body = b"x" * 100_000
    site.on("/short", answer(200, body, content_length="200000"))
    site.script("/slow", lambda asked: [answer(200, body, content_length="200000"), 20.0])
    store = DirectoryBlobStore(tmp_path)
    site.script("/short", lambda asked: [answer(200, body, content_length="200000"), 0.2, b""])

    async def cancelled() -> None:
        async with Fetcher(store, Limits(read_timeout=0.3, attempts=1), LOOPBACK) as fetcher:
            assert (await fetcher.fetch(FetchRequest(site.url("/short"), "file"))).outcome is Outcome.FAILED
            task = asyncio.create_task(fetcher.fetch(FetchRequest(site.url("/slow"), "file")))
            await asyncio.sleep(0.15)
            assert staged_files(tmp_path)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(cancelled())
    assert not staged_files(tmp_path)
