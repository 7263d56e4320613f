import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from crawlers.fetch import Capture, Outcome, Reason
from crawlers.fetch.capture import rfc3339
from hashstore.digest import Digest
from manifests.row import canonical_row
from manifests.tables import CAPTURE

SPEC = Path(__file__).parents[3] / "spec" / "captures.md"
MOMENT = datetime(2024, 5, 1, 14, 0, 0, 123_456, timezone(timedelta(hours=2)))


def test_a_capture_fills_exactly_the_columns_of_its_table() -> None:
    digest = Digest.of(b"x")
    capture = Capture(
        "http://a/", "image", MOMENT, 2, Outcome.FETCHED, redirects=("http://a/", "http://b/"), digest=digest
    )
    row = capture.row("bees", "urn:uuid:1")
    assert set(row) == set(CAPTURE.names)
    assert row["redirects"] == '["http://a/","http://b/"]'
    assert (row["digest"], row["requestedAt"]) == (digest.raw, "2024-05-01T12:00:00.123Z")
    assert (row["attempt"], row["outcome"], row["reason"]) == (2, "fetched", None)


def test_what_a_server_words_is_fit_for_a_row_whatever_it_sends() -> None:
    told = "a\x1b[2Jb\r\n\x9bc\udce9"
    capture = Capture(
        "http://a/", "image", MOMENT, 1, Outcome.FAILED, Reason.REFUSED,
        message=told + "x" * 5_000, media_type=told, etag=told, last_modified=told,
    )  # fmt: skip
    row = capture.row("bees", "urn:uuid:1")
    assert {row["mediaType"], row["etag"], row["lastModified"]} == {"a [2Jb   c?"}
    assert row["message"] == "a [2Jb   c?" + "x" * 1_989 + "..."
    canonical_row(CAPTURE, row)


def test_times_are_written_in_utc_with_milliseconds() -> None:
    assert rfc3339(datetime(2024, 1, 1, tzinfo=UTC)) == "2024-01-01T00:00:00.000Z"


def test_every_outcome_and_reason_is_in_the_specification_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", SPEC.read_text(), re.MULTILINE)
    assert sorted(rows) == sorted([*map(str, Outcome), *map(str, Reason)])
