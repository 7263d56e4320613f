"""Whoever opens a node's address is told who it is, and no text of others does more than be read."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from node.serve.front import front_page

if TYPE_CHECKING:
    from tests.node.serve.conftest import Served

_TAGS = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "ul", "li", "a", "bdi"}
_NODE = {"name": "Herbarium", "origin": "a.test/log", "logKey": "a.test/log+0+A", "identity": "did:key:z6Mk",
         "software": "vasculum", "size": 3}  # fmt: skip
_TEXTS = st.one_of(st.text(), st.sampled_from(["<", ">", '"', "'", "&", "</title>", "<!--", "</bdi>"]))
_HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'


class _Read(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.fields: set[str] = set()
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fields |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


def _published(title: str, **others: Any) -> dict[str, Any]:
    return {"dataset": "hash://sha256/" + "a" * 64, "title": title, "version": 1, "members": 24,
            "license": "CC-BY-4.0", "publisher": title, **others}  # fmt: skip


@given(_TEXTS, _TEXTS)
@example(_HOSTILE, _HOSTILE)
def test_texts_of_others_are_read_and_do_nothing(name: str, title: str) -> None:
    read = _Read(front_page({**_NODE, "name": name, "origin": title}, [_published(title)]))
    assert read.tags <= _TAGS
    assert read.fields <= {"lang", "charset", "name", "content", "href"}
    assert all(link.startswith("/") for link in read.links)
    assert f"/api/datasets/{'a' * 64}" in read.links


def test_a_page_that_cannot_list_datasets_says_so() -> None:
    assert "cannot be listed at the moment" in front_page(_NODE, None)
    assert "None yet" in front_page(_NODE, [])
    many = front_page(_NODE, [_published(f"No {number}") for number in range(120)])
    assert "No 99" in many
    assert "No 100" not in many
    assert "20 more" in many


def test_the_address_that_is_printed_answers_with_who_it_is(served: Served) -> None:
    answer = httpx.get(f"{served.url}/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    read = _Read(answer.text)
    assert "script" not in read.tags
    assert served.node.config.identity.name in read.words
    assert served.node.log_key.name in read.words
    assert f"{served.node.reader.head().size:,} entries" in read.words
    for link in read.links:
        assert httpx.get(f"{served.url}{link}").status_code in (200, 503), link
    head = httpx.head(f"{served.url}/")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("application/json", "application/json"), ("text/html,application/json;q=0.9", "text/html"),
     ("*/*", "text/html"), ("", "text/html")],
)  # fmt: skip
def test_programs_are_given_json(served: Served, accept: str, kind: str) -> None:
    answer = httpx.get(f"{served.url}/", headers={"accept": accept})
    assert answer.headers["content-type"].startswith(kind)
    assert "accept" in answer.headers["vary"]
    if kind == "application/json":
        assert answer.json()["origin"] == served.node.log_key.name
        assert "/.well-known/vasculum" in answer.json()["places"]
