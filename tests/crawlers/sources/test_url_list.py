from pathlib import Path

import pytest

from crawlers.errors import MalformedList
from crawlers.sources import ListedMedia, Opened, recognise
from crawlers.sources.url_list import SOURCE
from hashstore.digest import Digest
from manifests.tables import MEDIA


def read(tmp_path: Path, data: bytes) -> list[ListedMedia]:
    path = tmp_path / "list"
    path.write_bytes(data)
    assert recognise(str(path), data[:4096]).name == "url_list"
    return list(SOURCE.read(Opened(str(path), path, Digest.of(data))))


def test_each_line_is_a_url_and_its_row_has_an_address(tmp_path: Path) -> None:
    data = b"# our images\r\n\r\nhttp://m/1.jpg\r\n  https://m/2.jpg \r\n# the end\r\nHTTP://m/3.jpg"
    items = read(tmp_path, data)
    assert [item.url for item in items] == ["http://m/1.jpg", "https://m/2.jpg", "HTTP://m/3.jpg"]
    assert [item.source_row for item in items] == [f"line:{Digest.of(data).uri}!/L{n}" for n in (3, 4, 6)]
    assert items[0].columns == (("accessURI", "http://m/1.jpg"),)


@pytest.mark.parametrize(
    "header", ["accessURI", "ac:accessURI", "identifier", "url", "image_url", "Image URL"]
)
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_a_table_names_its_url_column_in_many_ways(tmp_path: Path, header: str, mark: str) -> None:
    data = f"title{mark}{header}{mark}licence\nA{mark}http://m/1.jpg{mark}CC0\n".encode()
    [item] = read(tmp_path, data)
    assert item.url == dict(item.columns)["accessURI"] == "http://m/1.jpg"
    assert (dict(item.columns)["title"], dict(item.columns)["license"]) == ("A", "CC0")
    assert set(dict(item.columns)) <= set(MEDIA.names)


def test_columns_that_the_table_lacks_stay_verbatim(tmp_path: Path) -> None:
    data = b"url,Drawer No.,source,title,title\nhttp://m/1.jpg,12,ours,A,B,more\n"
    [item] = read(tmp_path, data)
    assert dict(item.columns) == {"accessURI": "http://m/1.jpg", "title": "A"}
    assert item.verbatim == (("Drawer No.", "12"), ("source", "ours"), ("title", "B"), ("column 6", "more"))


def test_a_list_cannot_fill_the_columns_that_are_ours(tmp_path: Path) -> None:
    [item] = read(tmp_path, b"url,change,salt,sourceRow\nhttp://m/1.jpg,removed,x,y\n")
    assert not {"change", "salt", "sourceRow"} & set(dict(item.columns))
    assert len(item.verbatim) == 3


def test_a_record_over_two_lines_names_both(tmp_path: Path) -> None:
    data = b'url,title\nhttp://m/1.jpg,"A\nB"\n\nhttp://m/2.jpg,C\n'
    items = read(tmp_path, data)
    assert [item.source_row.rpartition("/")[2] for item in items] == ["L2-L3", "L5"]
    assert (dict(items[0].columns)["title"], items[0].flags) == ("A B", ("control-replaced",))


def test_bytes_that_are_not_utf8_are_read_as_windows_1252_and_flagged(tmp_path: Path) -> None:
    good, bad = read(tmp_path, b"url,title\nhttp://m/1.jpg,K\xc3\xa4fer\nhttp://m/2.jpg,K\xe4fer\n")
    assert dict(good.columns)["title"] == dict(bad.columns)["title"] == "Käfer"
    assert (good.flags, bad.flags) == ((), ("encoding-guessed",))


def test_spreadsheets_utf16_is_read(tmp_path: Path) -> None:
    [item] = read(tmp_path, "url\ttitle\r\nhttp://m/1.jpg\tKäfer\r\n".encode("utf-16"))
    assert dict(item.columns) == {"accessURI": "http://m/1.jpg", "title": "Käfer"}


def test_a_row_without_a_url_is_kept_and_flagged(tmp_path: Path) -> None:
    _, item = read(tmp_path, b"url,title\nhttp://m/1.jpg,A\n,B\n")
    assert (item.url, item.flags, dict(item.columns)) == ("", ("no-url",), {"title": "B"})


def test_a_quote_that_never_closes_is_refused_with_its_line(tmp_path: Path) -> None:
    data = b'url,title\nhttp://m/1.jpg,A\nhttp://m/2.jpg,"B\n' + b"http://m/3.jpg,C\n" * 10_000
    with pytest.raises(MalformedList, match=r"line [0-9]+: field larger"):
        read(tmp_path, data)


def test_a_list_is_read_lazily(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(b"http://m/1.jpg\n" * 200_000)
    items = SOURCE.read(Opened(str(path), path, Digest.of(b"")))
    assert next(iter(items)).url == "http://m/1.jpg"


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"hello\nworld\n",
        b"name,title\n1,2\n",
        b"\x00\x01http://m/",
        b"<a href='http://m/'>",
        b"\xff\xd8\xff",
    ],
)
def test_what_names_no_url_is_no_list(head: bytes) -> None:
    assert not SOURCE.recognise("x", head, "text/plain")
