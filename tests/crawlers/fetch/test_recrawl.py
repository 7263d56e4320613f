from pathlib import Path

import pytest

from crawlers.fetch import Capture, FetchRequest, Outcome, Reason
from crawlers.testing import ScriptedSite, answer, fetch_now
from hashstore.blobstore.directory import DirectoryBlobStore
from hashstore.digest import Digest

OLD = Digest.of(b"old")


def again(site: ScriptedSite, *answers: bytes, known: Digest | None = OLD) -> Capture:
    site.on("/a", *answers)
    request = FetchRequest(site.url("/a"), "image", etag='"1"', last_modified="yesterday", known=known)
    return fetch_now(request)[0]


def test_what_did_not_change_is_not_downloaded(site: ScriptedSite) -> None:
    capture = again(site, answer(304))
    assert (capture.outcome, capture.digest, capture.size) == (Outcome.UNCHANGED, OLD, None)
    assert (capture.etag, capture.last_modified) == ('"1"', "yesterday")
    assert (capture.sealed, capture.revision_of, capture.last_known) == (None, None, None)
    fields = site.asked[-1].fields
    assert (fields["if-none-match"], fields["if-modified-since"]) == ('"1"', "yesterday")


def test_a_304_may_renew_the_validator(site: ScriptedSite) -> None:
    assert again(site, answer(304, etag='"2"')).etag == '"2"'


def test_validators_are_not_sent_for_bytes_that_are_not_kept(site: ScriptedSite) -> None:
    again(site, answer(200, b"new"), known=None)
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[-1].fields)


def test_validators_that_no_request_can_hold_are_not_sent_back(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"new"))
    fetch_now(
        FetchRequest(site.url("/a"), "image", etag='"\xff\x9b"', last_modified="heute\tfrüh", known=OLD)
    )
    assert not {"if-none-match", "if-modified-since"} & set(site.asked[-1].fields)


def test_changed_bytes_name_what_they_revise(site: ScriptedSite) -> None:
    capture = again(site, answer(200, b"new", etag='"2"'))
    assert (capture.outcome, capture.digest) == (Outcome.FETCHED, Digest.of(b"new"))
    assert (capture.revision_of, capture.last_known) == (OLD, None)


def test_the_same_bytes_sent_again_are_unchanged_and_not_staged(site: ScriptedSite, tmp_path: Path) -> None:
    site.on("/a", answer(200, b"old", etag='"2"'))
    [capture] = fetch_now(
        FetchRequest(site.url("/a"), "image", known=OLD), store=DirectoryBlobStore(tmp_path)
    )
    assert (capture.outcome, capture.digest, capture.size) == (Outcome.UNCHANGED, OLD, 3)
    assert (capture.sealed, capture.revision_of, capture.etag) == (None, None, '"2"')
    assert not [path for path in (tmp_path / "tmp").rglob("*") if path.is_file() and path.stat().st_size]


@pytest.mark.parametrize(("status", "reason"), [(404, Reason.NOT_FOUND), (410, Reason.GONE)])
def test_what_is_gone_upstream_is_kept(site: ScriptedSite, status: int, reason: Reason) -> None:
    capture = again(site, answer(status))
    assert (capture.outcome, capture.reason, capture.status) == (Outcome.GONE, reason, status)
    assert (capture.last_known, capture.digest) == (OLD, None)


def test_what_never_was_there_has_failed_and_is_not_gone(site: ScriptedSite) -> None:
    capture = again(site, answer(404), known=None)
    assert (capture.outcome, capture.last_known) == (Outcome.FAILED, None)


def test_a_failure_names_what_is_kept(site: ScriptedSite) -> None:
    capture = again(site, answer(403))
    assert (capture.outcome, capture.last_known) == (Outcome.FAILED, OLD)
