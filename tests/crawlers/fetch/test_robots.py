import asyncio
from collections.abc import Iterable
from itertools import pairwise

import httpx
import pytest

from crawlers.fetch import Fetcher, FetchRequest, Outcome, Reason
from crawlers.fetch.ending import Stop
from crawlers.fetch.robots import rules_from
from crawlers.testing import Asked, ScriptedSite, answer, fetch_now
from crawlers.testing.fetching import HASTY, LOOPBACK
from crawlers.testing.scripted_site import Step
from hashstore.blobstore.memory import MemoryBlobStore

AGENT = "Vasculum/1 (+https://w3id.org/vasculum)"


def allowed(text: str, path: str = "/images/a.jpg") -> bool:
    try:
        rules_from(200, text.encode()).check(httpx.URL("http://museum.example" + path), AGENT)
    except Stop:
        return False
    return True


def test_what_robots_txt_disallows_is_not_fetched(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(200, b"User-agent: *\nDisallow: /images/\nAllow: /images/open/"))
    site.on("/images/open/a", answer(200, b"x"))
    closed, opened = fetch_now(site.url("/images/a"), site.url("/images/open/a"))
    assert (closed.outcome, closed.reason) == (Outcome.FAILED, Reason.ROBOTS_DISALLOWED)
    assert opened.outcome is Outcome.FETCHED
    assert site.times("/images/a") == 0


def test_the_longest_rule_wins_and_a_group_of_our_own_goes_first() -> None:
    assert not allowed("User-agent: *\nDisallow: /images/*.jpg$")
    assert allowed("User-agent: *\nDisallow: /images/\nAllow: /images/a")
    assert allowed("User-agent: *\nDisallow: /\n\nUser-agent: vasculum\nDisallow: /private")
    assert not allowed("User-agent: VASCULUM\nDisallow: /")
    assert allowed("\ufeff# nothing\n<html>")


def test_robots_txt_is_asked_once_for_many_urls(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"x"))

    async def many() -> list[Outcome]:
        async with Fetcher(MemoryBlobStore(), HASTY, LOOPBACK) as fetcher:
            captures = await asyncio.gather(
                *(fetcher.fetch(FetchRequest(site.url("/a"), "file")) for _ in range(20))
            )
            return [capture.outcome for capture in captures]

    assert asyncio.run(many()) == [Outcome.FETCHED] * 20
    assert site.times("/robots.txt") == 1


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_without_robots_txt_everything_is_allowed(site: ScriptedSite, status: int) -> None:
    site.on("/robots.txt", answer(status))
    site.on("/a", answer(200, b"x"))
    assert fetch_now(site.url("/a"))[0].outcome is Outcome.FETCHED


@pytest.mark.parametrize("status", [429, 500, 503])
def test_while_robots_txt_is_unreachable_nothing_is_fetched(site: ScriptedSite, status: int) -> None:
    site.on("/robots.txt", answer(status))
    [capture] = fetch_now(site.url("/a"), attempts=2)
    assert (capture.outcome, capture.reason) == (Outcome.FAILED, Reason.ROBOTS_UNREACHABLE)
    assert (site.times("/robots.txt"), site.times("/a")) == (2, 0)


def test_a_passing_trouble_with_robots_txt_is_sat_out(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(503), answer(404))
    site.on("/a", answer(200, b"x"))
    assert fetch_now(site.url("/a"))[0].outcome is Outcome.FETCHED


def test_redirects_of_robots_txt_are_followed(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(301, location="/rules"))
    site.on("/rules", answer(200, b"User-agent: *\nDisallow: /"))
    assert fetch_now(site.url("/a"))[0].reason is Reason.ROBOTS_DISALLOWED


def test_endless_redirects_of_robots_txt_count_as_none(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(301, location="/robots.txt"))
    site.on("/a", answer(200, b"x"))
    assert fetch_now(site.url("/a"))[0].outcome is Outcome.FETCHED
    assert site.times("/robots.txt") == 6


def test_an_endless_robots_txt_is_cut_off(site: ScriptedSite) -> None:
    def endless(asked: Asked) -> Iterable[Step]:
        yield answer(200, b"User-agent: *\nDisallow: /closed\n", content_length="")
        while True:
            yield b"# more\n" * 5_000

    site.script("/robots.txt", endless)
    site.on("/a", answer(200, b"x"))
    closed, opened = fetch_now(site.url("/closed"), site.url("/a"))
    assert (closed.reason, opened.outcome) == (Reason.ROBOTS_DISALLOWED, Outcome.FETCHED)


def test_crawl_delay_is_kept_between_two_requests(site: ScriptedSite) -> None:
    site.on("/robots.txt", answer(200, b"User-agent: *\nCrawl-delay: 0.3"))
    site.on("/a", answer(200, b"x"))
    fetch_now(*[site.url("/a")] * 3)
    starts = [asked.at for asked in site.asked if asked.path == "/a"]
    assert all(later - earlier >= 0.28 for earlier, later in pairwise(starts))


def test_robots_txt_can_be_left_unasked_by_the_operator(site: ScriptedSite) -> None:
    site.on("/a", answer(200, b"x"))
    fetch_now(site.url("/a"), obey_robots=False)
    assert site.times("/robots.txt") == 0
