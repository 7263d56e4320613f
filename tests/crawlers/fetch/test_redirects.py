from collections.abc import Iterable

import pytest

from crawlers.fetch import AddressPolicy, Outcome, Reason, host_key
from crawlers.testing import Asked, ScriptedSite, answer, fetch_now


def test_every_hop_is_recorded(site: ScriptedSite) -> None:
    site.on("/1", answer(301, b"moved", location="/2"))
    site.on("/2", answer(302, location=site.url("/3#part")))
    site.on("/3", answer(200, b"x"))
    [capture] = fetch_now(site.url("/1"))
    assert capture.outcome is Outcome.FETCHED
    assert capture.redirects == (site.url("/1"), site.url("/2"))
    assert capture.final_url == site.url("/3")
    assert site.connections == 1


def test_a_loop_of_redirects_ends(site: ScriptedSite) -> None:
    site.on("/1", answer(302, location="/2"))
    site.on("/2", answer(302, location="/1"))
    [capture] = fetch_now(site.url("/1"))
    assert (capture.reason, site.times("/1")) == (Reason.REDIRECT_LOOP, 1)


def test_ten_redirects_are_followed_and_no_more(site: ScriptedSite) -> None:
    for number in range(12):
        site.on(f"/{number}", answer(302, location=f"/{number + 1}"))
    site.on("/12", answer(200, b"x"))
    far, near = fetch_now(site.url("/0"), site.url("/2"))
    assert (far.reason, near.outcome) == (Reason.TOO_MANY_REDIRECTS, Outcome.FETCHED)
    assert len(near.redirects) == 10


@pytest.mark.parametrize(
    "location",
    ["", "ftp://museum.example/a", "file:///etc/passwd", "http://[", "http://me:pw@museum.example/"],
)
def test_a_redirect_to_nowhere_is_a_failure(site: ScriptedSite, location: str) -> None:
    site.on("/a", answer(302, location=location))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.reason, capture.status) == (Reason.BAD_REDIRECT, 302)


def test_a_redirect_to_a_private_address_is_refused(site: ScriptedSite) -> None:
    with ScriptedSite() as inner:
        site.on("/a", answer(302, location=inner.url("/secret")))
        addresses = AddressPolicy(allowed_hosts=frozenset({host_key("127.0.0.1", site.port)}))
        [capture] = fetch_now(site.url("/a"), addresses=addresses)
        assert (capture.outcome, capture.reason) == (Outcome.FAILED, Reason.ADDRESS_REFUSED)
        assert capture.redirects == (site.url("/a"),)
        assert inner.connections == 0


def test_robots_rules_hold_for_every_hop(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /private/"))
    site.on("/a", answer(302, location="/private/b"))
    [capture] = fetch_now(site.url("/a"))
    assert capture.reason is Reason.ROBOTS_DISALLOWED
    assert site.times("/private/b") == 0


def test_a_retry_follows_the_redirects_again(site: ScriptedSite) -> None:
    def moving(asked: Asked) -> Iterable[bytes]:
        yield answer(302, location=f"/target{site.times('/a')}")

    site.script("/a", moving)
    site.on("/target1", answer(503))
    site.on("/target2", answer(200, b"x"))
    [capture] = fetch_now(site.url("/a"))
    assert (capture.final_url, capture.attempt) == (site.url("/target2"), 2)
