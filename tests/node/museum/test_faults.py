from __future__ import annotations

import time

import httpx
import pytest

from node.museum import Museum
from node.museum.web import faults

IMAGE = "/media/MDS00010401.jpg"


def test_a_fault_lasts_for_as_many_requests_as_it_was_given(museum: Museum, client: httpx.Client) -> None:
    museum.trouble(IMAGE, faults.too_many_requests(retry_after=7), times=2)
    answers = [client.get(museum.url + IMAGE) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_a_fault_lasts_until_it_is_healed_and_touches_no_other_address(
    museum: Museum, client: httpx.Client
) -> None:
    museum.trouble(museum.url + IMAGE, faults.unavailable(retry_after="Wed, 21 Oct 2026 07:28:00 GMT"))
    assert [client.get(museum.url + IMAGE).status_code for _ in range(2)] == [503, 503]
    assert client.get(museum.archive_url).status_code == 200
    museum.heal(IMAGE)
    assert client.get(museum.url + IMAGE).status_code == 200


def test_a_slow_answer_waits_and_dribbles(museum: Museum, client: httpx.Client) -> None:
    museum.trouble("/robots.txt", faults.slow(delay=0.2))
    started = time.monotonic()
    assert client.get(museum.url + "/robots.txt").status_code == 200
    assert time.monotonic() - started >= 0.2
    museum.trouble(IMAGE, faults.slow(bytes_per_second=1_000_000))
    started = time.monotonic()
    assert client.get(museum.url + IMAGE).content == museum.resources[IMAGE].body
    assert time.monotonic() - started >= 0.25


def test_a_truncated_answer_breaks_off_after_the_bytes_it_was_given(
    museum: Museum, client: httpx.Client
) -> None:
    museum.trouble(IMAGE, faults.truncated(after=5000))
    got = bytearray()
    with client.stream("GET", museum.url + IMAGE) as response:
        assert int(response.headers["content-length"]) == len(museum.resources[IMAGE].body)
        with pytest.raises(httpx.RemoteProtocolError):
            _collect(response, got)
    assert bytes(got) == museum.resources[IMAGE].body[:5000]
    assert museum.requests.bytes_sent(IMAGE) == 5000


def _collect(response: httpx.Response, got: bytearray) -> None:
    for part in response.iter_bytes():
        got += part


def test_an_endless_answer_ends_only_when_the_client_hangs_up(museum: Museum, client: httpx.Client) -> None:
    museum.trouble(IMAGE, faults.endless())
    size = 0
    with client.stream("GET", museum.url + IMAGE) as response:
        assert "content-length" not in response.headers
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > 4 * len(museum.resources[IMAGE].body):
                break
    assert client.get(museum.url + "/robots.txt").status_code == 200


def test_a_redirect_goes_where_it_says_or_round_in_circles(museum: Museum) -> None:
    museum.trouble("/old.jpg", faults.redirect(IMAGE, 301))
    museum.trouble("/loop.jpg", faults.redirect("/loop.jpg"))
    with httpx.Client(follow_redirects=True, trust_env=False) as client:
        assert client.get(museum.url + "/old.jpg").content == museum.resources[IMAGE].body
        with pytest.raises(httpx.TooManyRedirects):
            client.get(museum.url + "/loop.jpg")


def test_a_wrong_type_hides_the_right_bytes(museum: Museum, client: httpx.Client) -> None:
    museum.trouble(IMAGE, faults.wrong_type("text/plain"))
    response = client.get(museum.url + IMAGE)
    assert (response.headers["content-type"], response.content) == (
        "text/plain",
        museum.resources[IMAGE].body,
    )


def test_a_length_that_is_too_long_or_too_short_is_what_goes_out(
    museum: Museum, client: httpx.Client
) -> None:
    body = museum.resources[IMAGE].body
    museum.trouble(IMAGE, faults.wrong_length(10))
    with pytest.raises(httpx.RemoteProtocolError):
        client.get(museum.url + IMAGE)
    museum.trouble(IMAGE, faults.wrong_length(-10))
    assert client.get(museum.url + IMAGE).content == body[:-10]


def test_an_error_page_comes_with_200(museum: Museum, client: httpx.Client) -> None:
    museum.trouble(IMAGE, faults.error_page())
    response = client.get(museum.url + IMAGE)
    assert (response.status_code, response.content) == (200, faults.ERROR_PAGE)


def test_any_status_can_be_had(museum: Museum, client: httpx.Client) -> None:
    museum.trouble(IMAGE, faults.status(403))
    assert client.get(museum.url + IMAGE).status_code == 403


def test_closing_ends_an_endless_answer(museum: Museum) -> None:
    museum.trouble(IMAGE, faults.endless(bytes_per_second=4096))
    with httpx.Client(trust_env=False) as client, client.stream("GET", museum.url + IMAGE) as response:
        next(response.iter_bytes())
        started = time.monotonic()
        museum.__exit__(None, None, None)
        assert time.monotonic() - started < 2
