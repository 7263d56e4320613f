"""The pages of a node as a browser gets them: what they show, and that strangers' texts do nothing."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

_HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e'


@pytest.fixture(scope="module")
def node(tracked_once: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Node:
    root = tmp_path_factory.mktemp("shown") / "node"
    shutil.copytree(tracked_once[0], root)
    node = open_node(Layout(root))
    bring_up(node)
    return node


@pytest.fixture(scope="module")
def client(node: Node) -> TestClient:
    return TestClient(make_api(LiveNode(node.layout), Metrics()), raise_server_exceptions=False)


class _Read(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data


def image_of(node: Node) -> Digest:
    with node.index() as index:
        rows = index.rows(
            "SELECT digest FROM capture WHERE role = 'image' AND outcome = 'fetched' ORDER BY url"
        )
    return Digest(rows[-1]["digest"])


@pytest.fixture(scope="module")
def paths(client: TestClient, node: Node) -> list[str]:
    image, found = image_of(node).hex, client.get("/explore").text
    record = re.search(r"/record/[0-9a-f]{64}/\d+", found)
    assert record is not None
    return [
        "/", "/explore", "/explore?q=Quercus", "/explore?q=contry:BE", "/explore/growth", record[0],
        f"/image/{image}", f"/image/{'0' * 64}", f"/compare?image={image}", "/provenance",
        f"/provenance?of={image}", "/provenance?of=nothing", "/node", "/api/docs",
    ]  # fmt: skip


def test_every_page_is_whole_and_lets_nothing_run_but_our_own(client: TestClient, paths: list[str]) -> None:
    for path in paths:
        answer = client.get(path)
        assert answer.status_code in (200, 400, 404), path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        read = _Read(answer.text)
        assert {"main", "nav", "h1", "title"} <= {tag for tag, _ in read.tags}, path
        for tag, fields in read.tags:
            assert not any(name.startswith("on") or name == "style" for name in fields), path
            if tag == "script":
                assert fields.get("src", "").startswith("/static/") or fields["type"].startswith(
                    "application/"
                )
            if tag in ("link", "img", "image"):
                assert (fields.get("href") or fields.get("src", "")).startswith("/"), (path, fields)


def test_every_local_link_of_every_page_leads_somewhere(client: TestClient, paths: list[str]) -> None:
    links = {
        fields["href"].partition("#")[0]
        for path in paths
        for tag, fields in _Read(client.get(path).text).tags
        if tag == "a" and fields.get("href", "").startswith("/")
    }
    # These are answered beside the application, by the server itself.
    elsewhere = ("/blob/", "/log/", "/iiif/")
    few = sorted(link for link in links if link and not link.startswith(elsewhere))[:60]
    assert {link: client.get(link).status_code for link in few} == dict.fromkeys(few, 200)


def test_explore_shows_what_fits_and_narrows(client: TestClient) -> None:
    everything, few = client.get("/explore"), client.get("/explore", params={"q": "Quercus"})
    assert "Quercus robur" in few.text
    assert few.text.count('class="card"') < everything.text.count('class="card"')
    chosen = client.get("/explore", params={"country": "NO", "images": "yes"})
    assert "Norway" in chosen.text
    assert 'aria-current="true"' in chosen.text
    assert "Nothing fits" in client.get("/explore", params={"q": "zzzz"}).text


def test_a_mistake_is_shown_where_it_is(client: TestClient) -> None:
    answer = client.get("/explore", params={"q": "taxon:Fagaceae AND contry:BE"})
    assert answer.status_code == 400
    assert "contry" in answer.text
    assert "did you mean" in answer.text


def test_what_is_typed_suggests(client: TestClient) -> None:
    assert 'value="Quercus' in client.get("/explore/suggestions", params={"q": "quer"}).text


@pytest.mark.parametrize("path", ["/explore?q=", "/provenance?of=", "/compare?image=", "/explore?sort="])
def test_what_strangers_type_is_shown_and_does_nothing(client: TestClient, path: str) -> None:
    name, _, key = path.partition("?")
    read = _Read(client.get(name, params={key.rstrip("="): _HOSTILE}).text)
    assert not [fields for tag, fields in read.tags if tag == "img" and fields.get("src") == "x"]
    assert all("alert" not in fields.get("src", "") for tag, fields in read.tags if tag == "script")


def test_an_images_page_tells_rights_apart_and_where_it_came_from(client: TestClient, node: Node) -> None:
    text = client.get(f"/image/{image_of(node).hex}").text
    assert "Rights of the image" in text
    assert "Where it came from" in text
    assert f"/iiif/3/{image_of(node).hex}/info.json" in text
    assert "Nothing yet: no analyzer was run" in text


def test_provenance_checks_every_link_and_names_the_first_broken(client: TestClient, node: Node) -> None:
    image = image_of(node)
    page = client.get("/provenance", params={"of": image.uri}).text
    assert "Every link holds" in page
    assert page.count(">holds<") == 8
    bundle = client.get("/cite", params={"of": image.uri, "format": "bundle"})
    assert bundle.headers["content-disposition"].startswith("attachment")
    judged = client.post(
        "/provenance/verify", files={"bundle": ("a.json", bundle.content)}, data={"keys": ""}
    )
    assert "Verified" in judged.text
    spoiled = bundle.content.replace(b'"url":"http', b'"url":"hxxp')
    judged = client.post("/provenance/verify", files={"bundle": ("a.json", spoiled)}, data={"keys": ""})
    assert "Broken at the form" in judged.text  # its own checksum is the first link
    assert "not tried" in judged.text


@pytest.mark.parametrize("form", ["text", "bibtex", "ris", "csl", "datacite"])
def test_a_thing_is_cited_in_every_format(client: TestClient, node: Node, form: str) -> None:
    answer = client.get("/cite", params={"of": image_of(node).uri, "format": form})
    assert answer.status_code == 200
    assert image_of(node).hex in answer.text


def test_what_is_not_here_is_said_in_plain_words(client: TestClient) -> None:
    answer = client.get(f"/record/{'0' * 64}/1")
    assert (answer.status_code, "Not here" in answer.text) == (404, True)
    assert client.get("/cite", params={"of": "0" * 64}).status_code == 404
    assert client.get("/static/000000000000/style.css").status_code == 404


def test_programs_get_json_at_the_root(client: TestClient, node: Node) -> None:
    said = client.get("/", headers={"accept": "application/json"}).json()
    assert said["name"] == node.config.identity.name
    assert said["places"]["/heads"]


def test_a_language_is_chosen_by_cookie_and_leads_back_only_here(client: TestClient) -> None:
    answer = client.get("/language/fr", params={"back": "/node"}, follow_redirects=False)
    assert answer.headers["location"] == "/node"
    assert "language=fr" in answer.headers["set-cookie"]
    for back in ("//evil.example", "/\\evil.example", "https://evil.example"):
        answer = client.get("/language/fr", params={"back": back}, follow_redirects=False)
        assert answer.headers["location"] == "/explore"
    client.cookies.clear()
    assert client.get("/node", headers={"accept-language": "es"}).headers["content-language"] == "es"


def test_a_page_is_light_without_its_images(client: TestClient) -> None:
    page = client.get("/explore")
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    weight = len(page.content) + sum(len(client.get(path).content) for path in loaded)
    assert weight < 300_000
