from __future__ import annotations

from xml.etree import ElementTree

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.notices.feed import Entry, Feed, feed_bytes

_ATOM = "{http://www.w3.org/2005/Atom}"
_TIMES = st.datetimes().map(lambda t: t.replace(microsecond=0).isoformat() + "Z")
_ENTRIES = st.builds(
    Entry,
    id=st.uuids().map(lambda u: u.urn),
    title=st.text(min_size=1),
    updated=_TIMES,
    summary=st.text(),
    images=st.lists(st.binary(min_size=32, max_size=32).map(Digest), max_size=3).map(tuple),
    link=st.none() | st.just("/blob/sha256/00"),
)
_FEEDS = st.builds(
    Feed,
    id=st.uuids().map(lambda u: u.urn),
    title=st.text(min_size=1),
    path=st.just("/feeds/watches/x.atom"),
    updated=_TIMES,
    author=st.text(min_size=1),
    subtitle=st.text(),
    entries=st.lists(_ENTRIES, max_size=4),
)


@given(feed=_FEEDS)
def test_whatever_people_wrote_a_feed_is_well_formed_and_has_what_rfc_4287_asks_for(feed: Feed) -> None:
    data = feed_bytes(feed)
    assert data == feed_bytes(feed)
    root = ElementTree.fromstring(data)
    assert root.tag == f"{_ATOM}feed"
    for element in (root, *root.iter(f"{_ATOM}entry")):  # sections 4.1.1 and 4.1.2
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{_ATOM}{name}")) == 1
    assert root.find(f"{_ATOM}author/{_ATOM}name") is not None
    assert [link.get("rel") for link in root.findall(f"{_ATOM}link")] == ["self"]
    assert len(list(root.iter(f"{_ATOM}entry"))) == len(feed.entries)


@given(feed=_FEEDS)
def test_feedparser_finds_no_fault_with_it(feed: Feed) -> None:
    read = feedparser.parse(feed_bytes(feed))
    assert not read.bozo, read.get("bozo_exception")
    assert read.version == "atom10"
    assert read.feed.id == feed.id
    assert [entry.id for entry in read.entries] == [entry.id for entry in feed.entries]
    assert [entry.updated for entry in read.entries] == [entry.updated for entry in feed.entries]


def test_images_are_links_that_a_reader_follows() -> None:
    image = Digest.of(b"an image")
    entry = Entry("urn:uuid:1", "One <new> image", "2026-11-23T08:00:00Z", "Seen & told", (image,))
    feed = Feed("urn:uuid:0", "Oaks", "/feeds/x", "2026-11-23T08:00:00Z", "Herbarium", "All oaks", [entry])
    [read] = feedparser.parse(feed_bytes(feed)).entries
    assert read.title_detail.type == "text/plain"
    assert f'href="/blob/sha256/{image.hex}"' in read.content[0].value
