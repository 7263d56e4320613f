import re
from pathlib import Path

import pytest

from crawlers.errors import CrawlerError, MalformedFeed
from crawlers.sources import ListedArchive, Opened, Skipped, recognise
from crawlers.sources.feed import archives

API = Path(__file__).parents[4] / "shared" / "data" / "api"
PRESTON = API / "bio-guoda+preston/preston-test/src/main/resources/bio/guoda/preston/process"
SERNEC = (
    API
    / "bio-guoda+preston-sernec/data/43/f5/43f5a55f8213d53b7acc2680756d3e4244b643524d5e40b23fb1e71fba9e151d"
)
REAL = {
    PRESTON / "symbiota-rss.xml": 27,
    PRESTON / "intermountain-biota-rss.xml": 12,
    PRESTON / "ipt-norway-rss.xml": 160,
    PRESTON / "arthropodEasyCapture.xml": 3,
    SERNEC: 115,
}
ENTRY = "<item><title>A</title><type>DWCA</type><link>http://m/{}.zip</link></item>"

here = pytest.mark.usefixtures("shared_data")


def feed(*entries: str) -> bytes:
    return f'<rss version="2.0"><channel>{"".join(entries)}</channel></rss>'.encode()


@here
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name[:20])
def test_every_archive_of_a_real_feed_is_found(path: Path) -> None:
    data = path.read_bytes()
    source = recognise(str(path), data[:4096], "application/xml")
    items = list(source.read(Opened(str(path), path)))
    listed = [item for item in items if isinstance(item, ListedArchive)]
    assert (source.name, len(listed)) == ("feed", REAL[path])
    assert len(items) == len(re.findall(rb"<item[ >]", data))
    assert all(one.url.startswith("http") and one.metadata_url and one.title and one.ids for one in listed)
    assert all(one.published and one.line for one in listed)


@here
def test_symbiota_entries_give_both_identifiers_and_the_line() -> None:
    first = next(archives((PRESTON / "symbiota-rss.xml").read_bytes()))
    assert first == ListedArchive(
        url="http://midwestherbaria.org/portal/content/dwca/ALBC_DwC-A.zip",
        metadata_url="http://midwestherbaria.org/portal/content/dwca/ALBC_DwC-A.eml",
        title="ALBC DwC-Archive",
        ids=(
            "http://midwestherbaria.org/portal/collections/misc/collprofiles.php?collid=201",
            "4b9c73cc-d12d-4654-bdfb-081dce21729b",
        ),
        published="Sun, 19 Aug 2018 11:35:47",
        line=8,
    )


@here
def test_entries_without_an_archive_are_told_of() -> None:
    skipped = [
        one for one in archives((PRESTON / "ipt-norway-rss.xml").read_bytes()) if isinstance(one, Skipped)
    ]
    assert len(skipped) == 2
    assert all(one.what and one.line and "no Darwin Core Archive" in one.reason for one in skipped)


def test_an_archive_that_is_listed_twice_is_listed_once() -> None:
    urls = [one.url for one in archives(feed(*map(ENTRY.format, "aba"))) if isinstance(one, ListedArchive)]
    assert urls == ["http://m/a.zip", "http://m/b.zip"]


def test_atom_and_enclosures_are_read_too() -> None:
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><id>urn:1</id>
      <updated>2024-05-01T00:00:00Z</updated>
      <link rel="enclosure" type="application/zip" href="https://m/a.zip"/></entry></feed>"""
    [one] = archives(atom)
    assert one == ListedArchive("https://m/a.zip", None, "A", ("urn:1",), "2024-05-01T00:00:00Z", 1)
    [two] = archives(feed('<item><enclosure url="https://m/b.zip?v=1"/></item>'))
    assert isinstance(two, ListedArchive)
    assert two.url == "https://m/b.zip?v=1"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"<rss>\n<channel>\n<item></channel></rss>", "line 3"),
        (feed(ENTRY.format("a"))[:-20], "line 1"),
        (b"<html/>", "<html> is no RSS or Atom feed"),
        (feed(), "none of its 0 entries"),
        (feed("<item><link>http://m/page</link></item>"), "none of its 1 entries"),
        (b'<!DOCTYPE rss [<!ENTITY x "y">]><rss><channel/></rss>', "entities"),
    ],
)
def test_a_malformed_feed_is_refused_naming_line_and_reason(data: bytes, said: str, tmp_path: Path) -> None:
    with pytest.raises(CrawlerError, match=said):
        list(archives(data))
    path = tmp_path / "feed.xml"
    path.write_bytes(data)
    with pytest.raises(MalformedFeed, match=re.escape(str(path))):
        list(recognise("feed", b"<rss>").read(Opened(str(path), path)))


def test_a_feed_is_known_by_its_root() -> None:
    assert (
        recognise("x", b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <html> --><rss version='2.0'>").name
        == "feed"
    )
    assert recognise("x", '<?xml version="1.0"?><rss>'.encode("utf-16")).name == "feed"
    with pytest.raises(CrawlerError, match="nothing that can be tracked"):
        recognise("https://museum.example/", b"<!DOCTYPE html><html><body>rss", "text/html")
