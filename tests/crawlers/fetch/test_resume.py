from collections.abc import Iterable

import pytest

from crawlers.fetch import Outcome, Reason
from crawlers.testing import Asked, ScriptedSite, answer, fetch_now
from crawlers.testing.scripted_site import Hangup, Step
from hashstore.digest import Digest

WHOLE = bytes(range(256)) * 400
CUT = 30_000


def breaking(site: ScriptedSite, *later: bytes, etag: str = '"1"', **fields: str) -> None:
    """The first answer breaks off after CUT bytes, the others are `later`."""
    answers = list(later)

    def script(asked: Asked) -> Iterable[Step]:
        if site.times("/a") > 1:
            yield answers.pop(0)
            return
        yield answer(200, WHOLE[:CUT], content_length=str(len(WHOLE)), etag=etag, **fields)
        yield 0.05
        raise Hangup

    site.script("/a", script)


def part(first: int, body: bytes, total: int, etag: str = '"1"') -> bytes:
    return answer(206, body, content_range=f"bytes {first}-{first + len(body) - 1}/{total}", etag=etag)


def test_a_broken_transfer_is_resumed_where_it_broke(site: ScriptedSite) -> None:
    breaking(site, part(CUT, WHOLE[CUT:], len(WHOLE)))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.outcome, capture.digest, capture.size) == (Outcome.FETCHED, Digest.of(WHOLE), len(WHOLE))
    assert (capture.status, capture.attempt) == (206, 2)
    assert capture.earlier[0].reason is Reason.BROKEN_TRANSFER
    assert site.asked[-1].fields["range"] == f"bytes={CUT}-"
    assert site.asked[-1].fields["if-range"] == '"1"'


def test_a_resource_that_changed_meanwhile_is_taken_anew(site: ScriptedSite) -> None:
    changed = b"new" * 9_000
    breaking(site, answer(200, changed, etag='"2"'))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.digest, capture.etag) == (Digest.of(changed), '"2"')


@pytest.mark.parametrize(
    "wrong",
    [
        part(CUT + 1, WHOLE[CUT + 1 :], len(WHOLE)),
        part(0, WHOLE, len(WHOLE)),
        part(CUT, WHOLE[CUT:], len(WHOLE), etag='"2"'),
        answer(206, WHOLE[CUT:], etag='"1"'),
        answer(206, WHOLE[CUT:], content_range="bytes nonsense"),
        answer(416),
    ],
    ids=["later", "from the start", "of another version", "no range", "nonsense", "not satisfiable"],
)
def test_a_part_that_does_not_fit_is_never_joined(site: ScriptedSite, wrong: bytes) -> None:
    breaking(site, wrong, answer(200, WHOLE, etag='"1"'))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.outcome, capture.digest, capture.attempt) == (Outcome.FETCHED, Digest.of(WHOLE), 3)
    assert "range" not in site.asked[-1].fields


@pytest.mark.parametrize("etag", ["", 'W/"1"', "1"], ids=["none", "weak", "unquoted"])
def test_without_a_strong_validator_a_transfer_begins_anew(site: ScriptedSite, etag: str) -> None:
    breaking(site, answer(200, WHOLE), etag=etag)
    [capture] = fetch_now(site.url("/a"))
    assert capture.digest == Digest.of(WHOLE)
    assert "range" not in site.asked[-1].fields


def test_a_server_that_takes_no_ranges_is_asked_for_the_whole(site: ScriptedSite) -> None:
    breaking(site, answer(200, WHOLE), accept_ranges="none")
    [capture] = fetch_now(site.url("/a"))
    assert capture.digest == Digest.of(WHOLE)
    assert "range" not in site.asked[-1].fields


def test_a_resumed_transfer_may_break_again(site: ScriptedSite) -> None:
    def script(asked: Asked) -> Iterable[Step]:
        first = int(asked.fields.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        body = WHOLE[first : first + CUT]
        if first == 0:
            yield answer(200, body, content_length=str(len(WHOLE)), etag='"1"')
        else:
            span = f"bytes {first}-{len(WHOLE) - 1}/{len(WHOLE)}"
            yield answer(206, body, content_length=str(len(WHOLE) - first), content_range=span, etag='"1"')
        yield 0.05
        if first + CUT < len(WHOLE):
            raise Hangup

    site.script("/a", script)
    [capture] = fetch_now(site.url("/a"), attempts=5)
    assert (capture.digest, capture.attempt) == (Digest.of(WHOLE), 4)
