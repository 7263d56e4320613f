"""One bad address or answer among a museum's images ends as one failure, never as the end of the crawl."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from crawlers.testing import ScriptedSite, answer
from node.cli.main import run
from node.create import create_node
from node.layout import Layout

_META = """<archive xmlns="http://rs.tdwg.org/dwc/text/">
<core encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy=""
 ignoreHeaderLines="0" rowType="http://rs.tdwg.org/dwc/terms/Occurrence"><files><location>occurrence.txt</location></files>
<id index="0"/><field index="1" term="http://rs.tdwg.org/dwc/terms/scientificName"/></core>
<extension encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy=""
 ignoreHeaderLines="0" rowType="http://rs.gbif.org/terms/1.0/Multimedia">
<files><location>multimedia.txt</location></files><coreid index="0"/>
<field index="1" term="http://purl.org/dc/terms/identifier"/></extension></archive>"""
_IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(100)
# Not one of these may be asked for.
_ADDRESSES = (
    "http://bob:hunter2@images.test/a.png",
    "http://alice:hunter2@images.test/a.png",
    "http://xn--.test/a.png",
    "http://xn--a.test/a.png",
    "http://[::1/a.png",
    "http://127.0.0.1:0/a.png",
    "file:///etc/passwd",
    "gopher://127.0.0.1/a",
    "http://169.254.169.254/latest/meta-data",
    "http://2130706433:9/a.png",
    "http://[::ffff:127.0.0.1]:9/a.png",
    "http://a'; DROP TABLE media; --/a.png",
    "http://" + "x" * 100_000 + ".test/",
)


def _archive(addresses: tuple[str, ...]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("meta.xml", _META)
        archive.writestr("occurrence.txt", "1\tQuercus robur\n")
        archive.writestr("multimedia.txt", "".join(f"1\t{address}\n" for address in addresses))
    return file.getvalue()


@pytest.fixture
def museum() -> Iterator[ScriptedSite]:
    with ScriptedSite() as site:
        head = b"HTTP/1.1 403 \x1b[2Jgo away\r\nContent-Length: 0\r\n\r\n"
        site.on("/words.png", head)
        etag = b'HTTP/1.1 200 OK\r\nETag: "\xff\xfe\x9b1m"\r\nContent-Type: image/p\xffng\r\n'
        etag += b"Content-Length: %d\r\n\r\n"
        site.on("/etag.png", etag % len(_IMAGE) + _IMAGE)
        site.on("/long.png", answer(200, _IMAGE, content_type="image/" + "x" * 50_000))
        served = tuple(site.url(path) for path in ("/words.png", "/etag.png", "/long.png"))
        site.on("/museum.zip", answer(200, _archive((*_ADDRESSES, *served)), etag='"é\x80"'))
        yield site


def _captures(root: Path) -> list[dict[str, object]]:
    with duckdb.connect(str(root / "index.duckdb"), read_only=True) as index:
        rows: list[dict[str, object]] = index.sql("SELECT * FROM capture").to_arrow_table().to_pylist()
    return rows


def test_a_lying_museum_spoils_nothing_but_its_own_images(museum: ScriptedSite, tmp_path: Path) -> None:
    root = tmp_path / "node"
    create_node(Layout(root), "Wary Herbarium", "wary.test/log")
    arguments = ["--node", str(root), "--quiet"]
    for _ in range(2):  # the second crawl sends back what the first one learnt
        assert run([*arguments, "track", museum.url("/museum.zip")]) == 3
    captures = _captures(root)
    images = [row for row in captures if row["role"] == "image"]
    assert Counter(row["outcome"] for row in images) == {"failed": 2 * 13, "fetched": 2, "unchanged": 2}
    texts = " ".join(str(value) for row in captures for value in row.values())
    assert "hunter2" not in texts
    assert not any(letter < " " or "\x7f" <= letter < "\xa0" for letter in texts)
    assert max(len(str(row["message"])) for row in captures) < 3_000
    assert run([*arguments, "verify", "--deep"]) == 0
