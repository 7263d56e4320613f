"""What is answered for a blob: whole, in part, unchanged, gone, or one word for every kind of absence."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from hashstore.digest import Digest
from node.policy import Decision
from node.serve.answer import Answer, FileSlice
from node.serve.blob import StoredBlob, answer_blob

DIGEST = Digest.of(b"x" * 100)
BLOB = StoredBlob(DIGEST, "/blobs/x", 100, "image/jpeg; q=1")
TAG = f'"{DIGEST.hex}"'
ALLOWED, REFUSED, GONE = Decision(True, 200), Decision(False, 404), Decision(False, 410)


def _answer(method: str = "GET", blob: StoredBlob | None = BLOB, **headers: str) -> Answer:
    return answer_blob(
        method, {name.replace("_", "-"): text for name, text in headers.items()}, ALLOWED, blob
    )


def test_the_whole_blob_is_sent_as_a_file_with_its_digest() -> None:
    answer = _answer()
    assert (answer.status, answer.body) == (200, FileSlice(BLOB.path))
    assert answer.headers["etag"] == TAG
    assert answer.headers["content-length"] == "100"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["repr-digest"].startswith("sha-256=:")


def test_head_says_what_get_would_and_sends_nothing() -> None:
    answer = _answer("HEAD")
    assert (answer.status, answer.headers, answer.body) == (200, _answer().headers, None)


def test_only_get_has_ranges() -> None:
    assert _answer("HEAD", range="bytes=0-9") == _answer("HEAD")


def test_a_range_is_sent_as_part_of_the_file() -> None:
    answer = _answer(range="bytes=10-19")
    assert (answer.status, answer.body) == (206, FileSlice(BLOB.path, 10, 20))
    assert answer.headers["content-range"] == "bytes 10-19/100"
    assert answer.headers["content-length"] == "10"


def test_a_range_behind_the_end_is_told_the_size() -> None:
    answer = _answer(range="bytes=100-")
    assert (answer.status, answer.headers["content-range"]) == (416, "bytes */100")


@pytest.mark.parametrize("field", [TAG, f"W/{TAG}", f'"other", {TAG}', "*"])
def test_who_has_it_is_told_that_it_did_not_change(field: str) -> None:
    assert _answer(if_none_match=field).status == 304
    assert _answer("HEAD", if_none_match=field).status == 304


def test_who_has_another_one_gets_it() -> None:
    assert _answer(if_none_match=f'"{Digest.of(b"y").hex}"').status == 200


@pytest.mark.parametrize(
    ("field", "status"),
    [(TAG, 206), (f"W/{TAG}", 200), ('"other"', 200), ("Mon, 01 Jan 2024 00:00:00 GMT", 200)],
)
def test_a_range_is_for_those_who_have_the_beginning_of_the_same(field: str, status: int) -> None:
    assert _answer(range="bytes=0-9", if_range=field).status == status


def test_withheld_unknown_and_absent_are_answered_alike() -> None:
    cases: list[tuple[Decision, StoredBlob | None]] = [(REFUSED, BLOB), (REFUSED, None), (ALLOWED, None)]
    asked: Mapping[str, str] = {"range": "bytes=0-9", "if-none-match": TAG}
    answers = [answer_blob(method, asked, *case) for case in cases for method in ("GET", "HEAD")]
    assert answers == [answers[0]] * 6
    assert answers[0].status == 404


def test_what_was_withdrawn_is_gone_whether_or_not_the_bytes_are_here() -> None:
    assert answer_blob("GET", {}, GONE, BLOB) == answer_blob("GET", {}, GONE, None)
    assert answer_blob("GET", {"range": "bytes=0-1"}, GONE, BLOB).status == 410


def test_no_other_method_does_anything() -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get"):
        answer = _answer(method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "declared", ["text/html", "image/svg+xml", "application/xhtml+xml", None, "nonsense", ""]
)
def test_what_could_run_in_a_browser_is_only_ever_downloaded(declared: str | None) -> None:
    answer = _answer(blob=StoredBlob(DIGEST, BLOB.path, 100, declared))
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"
