"""The list, a version and a comparison, as browsers and programs get them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

from fastapi.testclient import TestClient

if TYPE_CHECKING:
    from tests.node.web.datasets.conftest import Shelf

Page = Callable[..., str]


def test_the_list_has_the_newest_version_of_each(shelf: Shelf, page: Page) -> None:
    text = page("/datasets")
    assert f"/datasets/{shelf.datasets['All of it']}" in text
    assert f"/datasets/{shelf.datasets['first']}" not in text
    assert "Kingfishers &amp; oaks" in text


def test_the_list_is_searched_by_words(page: Page) -> None:
    found = page("/datasets?q=OAKS+herbarium")
    assert "Kingfishers" in found
    assert "All of it" not in found
    assert "No published dataset has all of these words" in page("/datasets?q=oaks+nowhere")


def test_a_version_is_told_of_in_full(shelf: Shelf, page: Page) -> None:
    text = page(f"/datasets/{shelf.datasets['first']}")
    for expected in (
        "Muñoz, Ana", "Magnoliopsida", "CC-BY-NC-4.0", "https://doi.org/10.5555/12345678", "There is a newer",
        "Open in Explore", "/attribution.txt", "/datasheet.md", "/manifest", "format=bibtex", "format=bundle",
        f"vasculum dataset fetch {shelf.datasets['first']}",
    ):  # fmt: skip
        assert expected in text
    assert text.count('<li class="card">') == 12
    uses = text[text.index('id="used"') :]
    assert "DatasetVersion" not in uses, "versions of one dataset are not made from each other"


def test_what_others_wrote_cannot_leave_its_place(shelf: Shelf, page: Page) -> None:
    text = page(f"/datasets/{shelf.datasets['All of it']}")
    assert "alert(1)" in text
    assert "<script>alert" not in text


def test_an_absent_dataset_is_not_found(shelf: Shelf) -> None:
    for path in ("/datasets/" + "0" * 64, "/datasets/nonsense", f"/datasets/{'0' * 64}/diff/nonsense"):
        assert shelf.ask.get(path).status_code == 404
    for name in ("attribution.txt", "datasheet.md"):
        assert shelf.ask.get(f"/datasets/{'0' * 64}/{name}").status_code == 404


def test_a_filter_opens_in_explore(shelf: Shelf, page: Page) -> None:
    text = page(f"/datasets/{shelf.datasets['Kingfishers & oaks']}")
    [link] = re.findall(r'href="(/explore\?q=[^"]+)"', text)
    shown = page(unescape(link))
    assert "date&lt;=1949" in shown
    assert 'role="status"' in shown


def test_who_has_the_page_is_sent_none(shelf: Shelf) -> None:
    path = f"/datasets/{shelf.datasets['first']}"
    for headers in ({}, {"accept": "application/ld+json"}):
        first = shelf.ask.get(path, headers=headers)
        again = shelf.ask.get(path, headers={**headers, "if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "accept" in again.headers["vary"]


def test_the_page_and_its_address_give_the_same_json_ld(shelf: Shelf, page: Page) -> None:
    path = f"/datasets/{shelf.datasets['All of it']}"
    answer = shelf.ask.get(path, headers={"accept": "application/ld+json"})
    assert answer.headers["content-type"] == "application/ld+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    [block] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page(path), re.DOTALL)
    assert json.loads(block) == answer.json()


def test_schema_org_has_what_a_dataset_search_asks_for(shelf: Shelf) -> None:
    found = _described(shelf.ask, shelf.datasets["first"])
    assert found["@type"] == "sc:Dataset"
    assert found["creator"] == [
        {"@type": "sc:Person", "name": "Muñoz, Ana"},
        {"@type": "sc:Organization", "name": "Alder Herbarium"},
    ]
    assert found["url"].endswith(f"/datasets/{shelf.datasets['first']}")
    assert found["license"] == "https://spdx.org/licenses/CC-BY-NC-4.0.html"
    [file] = found["distribution"]
    manifest = shelf.ask.get(f"/api/datasets/{shelf.datasets['first']}").json()["manifest"]
    assert file["contentUrl"].endswith(f"/blob/sha256/{file['sha256']}")
    assert file["sha256"] in manifest


def test_two_versions_are_compared(shelf: Shelf, page: Page) -> None:
    first, other = shelf.datasets["first"], shelf.datasets["Kingfishers & oaks"]
    text = page(f"/datasets/{first}/diff/{other}")
    assert "<strong>14</strong> removed" in text
    assert "<strong>10</strong> changed" in text, "they lost label and split"
    assert "split: <del>" in text
    back = page(f"/datasets/{other}/diff/{first}")
    assert "<strong>14</strong> added" in back
    same = page(f"/datasets/{first}/diff/{shelf.datasets['All of it']}")
    assert "both have the same members" in same


def test_files_of_a_version_can_be_kept(shelf: Shelf) -> None:
    first = shelf.datasets["first"]
    credits = shelf.ask.get(f"/datasets/{first}/attribution.txt")
    assert credits.text.count("hash://sha256/") == 25, "the dataset and each of its images"
    assert credits.headers["content-disposition"].startswith("attachment")
    sheet = shelf.ask.get(f"/datasets/{first}/datasheet.md")
    assert sheet.text.startswith("# All of it, version 1")


def _described(ask: TestClient, digest: str) -> dict[str, Any]:
    found: dict[str, Any] = ask.get(f"/datasets/{digest}", headers={"accept": "application/ld+json"}).json()
    return found
