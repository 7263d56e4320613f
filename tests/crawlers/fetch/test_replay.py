import re
from pathlib import Path

import pytest

from crawlers.fetch import FetchRequest, Outcome, ReplayTransport
from crawlers.testing import fetch_now
from hashstore.digest import Digest

SHARED = Path(__file__).parents[4] / "shared" / "data"
ARCHIVE = "Big-Bee-Network+UCSB-IZC00012194"
VERSION = re.compile(r"<(https?://\S+)> <http://purl.org/pav/hasVersion> <(hash://sha256/[0-9a-f]{64})>")


def recorded() -> dict[str, Digest]:
    """What the archive's own provenance logs say each URL gave."""
    logs = (path.read_text() for path in (SHARED / "scale" / ARCHIVE).rglob("*") if path.is_file())
    return {url: Digest.parse(digest) for log in logs for url, digest in VERSION.findall(log)}


@pytest.mark.usefixtures("shared_data")
def test_the_bee_archives_images_get_the_digests_that_upstream_recorded() -> None:
    files = {path.name: path for path in (SHARED / "images" / ARCHIVE).rglob("*") if path.is_file()}
    wanted = {url: digest for url, digest in recorded().items() if digest.hex in files}
    assert len(wanted) == 2
    transport = ReplayTransport({url: files[digest.hex] for url, digest in wanted.items()})
    captures = fetch_now(*(FetchRequest(url, "image", expect="image") for url in wanted), transport=transport)
    assert {one.url: one.digest for one in captures} == wanted
    assert all((one.outcome, one.sniffed) == (Outcome.FETCHED, "image/jpeg") for one in captures)


def test_a_replayed_crawl_finds_unchanged_what_it_fetched_before(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"bytes")
    transport = ReplayTransport({"https://museum.example/a": tmp_path / "a"})
    [first] = fetch_now("https://museum.example/a", transport=transport)
    again = FetchRequest("https://museum.example/a", "file", first.etag, first.last_modified, first.digest)
    captures = fetch_now(again, "https://museum.example/b", transport=transport)
    assert [one.outcome for one in captures] == [Outcome.UNCHANGED, Outcome.FAILED]
