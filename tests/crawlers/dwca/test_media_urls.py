"""Which addresses a staged archive gives to fetch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crawlers.dwca import MediaUrl, MediaUrls, media_urls

AC = "http://rs.tdwg.org/ac/terms/"


@pytest.fixture
def urls_of(convert: Callable[..., Any], drawn: Any) -> Callable[..., MediaUrls]:
    """The addresses of a multimedia file with these records: identifier, accessURI, type, format."""

    def run(*records: tuple[str, str, str, str]) -> MediaUrls:
        terms = [
            drawn.dcterms + "identifier",
            AC + "accessURI",
            drawn.dcterms + "type",
            drawn.dcterms + "format",
        ]
        media = drawn.part("extension", "m.txt", AC + "Multimedia", terms)
        lines = "".join("1\t" + "\t".join(record) + "\n" for record in records)
        files = {
            "meta.xml": drawn.meta(drawn.core, media),
            "occurrence.txt": drawn.header + b"1\t\t\t\thttp://a.org/associated.jpg\t\n",
            "m.txt": b"id\tidentifier\taccessURI\ttype\tformat\n" + lines.encode(),
        }
        return media_urls(convert(files).out)

    return run


def test_each_address_comes_once_in_the_order_of_its_first_row(urls_of: Callable[..., MediaUrls]) -> None:
    found = urls_of(
        ("x1", "http://a.org/2.jpg", "StillImage", "image/jpeg"),
        ("x2", "http://a.org/1.jpg", "", ""),
        ("x3", "http://a.org/2.jpg", "", "image/png"),
    )
    assert list(found) == [
        MediaUrl("http://a.org/associated.jpg", 1, None, None, None),
        MediaUrl("http://a.org/2.jpg", 2, "image/jpeg", None, None),
        MediaUrl("http://a.org/1.jpg", 1, None, None, None),
    ]
    assert list(found) == list(found)


def test_an_identifier_counts_where_it_is_an_address_and_there_is_no_other(
    urls_of: Callable[..., MediaUrls],
) -> None:
    found = urls_of(
        ("http://a.org/page", "http://a.org/1.jpg", "", ""),
        ("https://a.org/2.jpg", "", "", ""),
        ("https://a.org/3.jpg", "not an address", "", ""),
        ("urn:uuid:4", "", "", ""),
    )
    assert [url.url for url in found][1:] == [
        "http://a.org/1.jpg",
        "https://a.org/2.jpg",
        "https://a.org/3.jpg",
    ]
    assert found.no_address == 1


@pytest.mark.parametrize(
    ("type_", "format_", "kind"),
    [
        ("Sound", "", "sound"),
        ("http://purl.org/dc/dcmitype/MovingImage", "", "movingimage"),
        ("dctype:Text", "image/png", "text"),
        ("", "audio/mpeg", "audio/mpeg"),
    ],
)
def test_what_declares_itself_no_image_is_passed_over_and_counted(
    type_: str, format_: str, kind: str, urls_of: Callable[..., MediaUrls]
) -> None:
    found = urls_of(("", "http://a.org/1", type_, format_), ("", "http://a.org/2.jpg", "Image", ""))
    assert [url.url for url in found][1:] == ["http://a.org/2.jpg"]
    assert found.skipped == {kind: 1}
