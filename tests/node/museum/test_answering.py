from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.museum.web.answering import answer_request
from node.museum.web.message import Request, Resource

RESOURCE = Resource(bytes(range(100)), "image/jpeg", datetime(2024, 2, 12, 15, 30, tzinfo=UTC))


def get(method: str = "GET", **headers: str) -> Request:
    return Request(method, "/media/x.jpg", {name.replace("_", "-"): value for name, value in headers.items()})


@given(st.integers(0, 120), st.integers(0, 120))
def test_a_range_gives_exactly_the_bytes_that_slicing_gives(first: int, last: int) -> None:
    answer = answer_request(get(range=f"bytes={first}-{last}"), RESOURCE)
    if last < first:
        assert (answer.status, answer.body) == (200, RESOURCE.body)
    elif first >= 100:
        assert (answer.status, answer.header("Content-Range")) == (416, "bytes */100")
    else:
        assert (answer.status, answer.body) == (206, RESOURCE.body[first : last + 1])
        assert answer.header("Content-Range") == f"bytes {first}-{min(last, 99)}/100"


@given(st.integers(1, 200))
def test_a_suffix_range_gives_the_last_bytes(count: int) -> None:
    assert answer_request(get(range=f"bytes=-{count}"), RESOURCE).body == RESOURCE.body[-count:]


@pytest.mark.parametrize("ranges", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=x-y"])
def test_a_range_that_is_not_one_byte_range_is_ignored(ranges: str) -> None:
    assert answer_request(get(range=ranges), RESOURCE).status == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        (RESOURCE.etag, 206),
        (f"W/{RESOURCE.etag}", 200),
        ('"other"', 200),
        (RESOURCE.last_modified, 206),
        ("Sun, 11 Feb 2024 15:30:00 GMT", 200),
        ("gibberish", 200),
    ],
)
def test_if_range_compares_strongly(condition: str, status: int) -> None:
    assert answer_request(get(range="bytes=10-19", if_range=condition), RESOURCE).status == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": RESOURCE.etag}, 304),
        ({"if_none_match": f'"a", W/{RESOURCE.etag}'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        ({"if_modified_since": RESOURCE.last_modified}, 304),
        ({"if_modified_since": "Sun, 11 Feb 2024 15:30:00 GMT"}, 200),
        ({"if_none_match": '"other"', "if_modified_since": RESOURCE.last_modified}, 200),
        ({"if_none_match": RESOURCE.etag, "range": "bytes=0-9"}, 304),
    ],
)
def test_conditions_are_judged_in_the_order_of_rfc_9110(headers: dict[str, str], status: int) -> None:
    assert answer_request(get(**headers), RESOURCE).status == status


def test_not_modified_carries_the_validators_and_no_body() -> None:
    answer = answer_request(get(if_none_match=RESOURCE.etag), RESOURCE)
    assert (answer.body, answer.header("ETag")) == (b"", RESOURCE.etag)


def test_what_is_not_there_is_404_what_is_withdrawn_410_and_other_methods_405() -> None:
    gone = Resource(b"Withdrawn.", "text/plain", RESOURCE.modified, status=410)
    assert answer_request(get(), None).status == 404
    assert answer_request(get(), gone).status == 410
    assert answer_request(get("PUT"), RESOURCE).header("Allow") == "GET, HEAD"
