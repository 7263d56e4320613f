"""Findings over HTTP, as W3C's Web Annotation Protocol wants a container to be read."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft4Validator
from PIL import Image

from analyzers.annotation import finding_of
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.serve import annotations as serving
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics
from node.serve.negotiating import JSON_LD

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("annotated")
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    (folder / "images").mkdir()
    for number in range(2):
        file = io.BytesIO()
        Image.effect_noise((90 + number, 70), 30.0).save(file, "PNG")
        (folder / "images" / f"{number}.png").write_bytes(file.getvalue())
    for arguments in (("add", str(folder / "images")), ("analyze", "image-facts")):
        assert run(["--quiet", "--node", str(folder / "node"), *arguments]) == 0
    return open_node(Layout(folder / "node"))


@pytest.fixture
def client(node: Node) -> TestClient:
    return TestClient(make_api(LiveNode(node.layout), Metrics()), raise_server_exceptions=False)


@pytest.fixture
def rows(node: Node) -> list[dict[str, Any]]:
    """The findings of one image, in order."""
    with node.index() as index:
        return index.rows(
            "SELECT * FROM finding WHERE digest = (SELECT min(digest) FROM finding) ORDER BY key, place"
        )


@pytest.fixture
def path(rows: list[dict[str, Any]]) -> str:
    return f"/api/images/{Digest(rows[0]['digest']).hex}/annotations"


def test_a_container_has_what_was_found_and_says_what_it_is(
    client: TestClient, path: str, rows: list[dict[str, Any]]
) -> None:
    answer = client.get(path)
    said = answer.json()
    assert answer.headers["content-type"] == JSON_LD
    assert '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"' in answer.headers["link"]
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["vary"] == "accept, prefer"
    assert set(said["type"]) == {"BasicContainer", "AnnotationCollection"}
    assert said["total"] == len(rows)
    first = said["first"]["items"][0]
    assert first["id"] == f"{Digest(rows[0]['key']).uri}#1"
    assert first["generator"]["id"] == Digest(rows[0]["analyzer"]).uri
    assert finding_of(first)["kind"] == rows[0]["kind"]


def test_pages_follow_each_other_and_hold_all(
    client: TestClient, path: str, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PAGE", 5)
    for iris in (0, 1):
        found: list[str] = []
        place = f"{path}?iris={iris}&page=0"
        while place:
            page = client.get(place).json()
            assert (page["type"], page["startIndex"]) == ("AnnotationPage", len(found))
            found += [one if iris else one["id"] for one in page["items"]]
            last, place = place, page.get("next", "")
        assert found == [f"{Digest(row['key']).uri}#{row['place']}" for row in rows]
        assert client.get(path, params={"iris": iris}).json()["last"] == last
    assert client.get(f"{path}?page=99").status_code == 404


def test_pages_and_collections_are_what_w3c_wants(client: TestClient, path: str, shared_data: Path) -> None:
    folder = shared_data / "vectors" / "web-annotation-tests" / "collections"
    said = client.get(path, headers={"prefer": 'return=representation;include="x"'}).json()
    schemas = [json.loads(one.read_text("utf-8")) for one in sorted(folder.rglob("*Validated.json"))]
    assert schemas
    for schema in schemas:
        if "$ref" not in json.dumps(schema):
            assert Draft4Validator(schema).is_valid(said), schema.get("title")


def test_what_is_preferred_and_what_is_had_is_not_sent_again(client: TestClient, path: str) -> None:
    minimal = 'return=representation;include="http://www.w3.org/ns/ldp#PreferMinimalContainer"'
    assert client.get(path, headers={"prefer": minimal}).json()["first"] == f"{path}?iris=0&page=0"
    answer = client.get(path)
    again = client.get(path, headers={"if-none-match": f'"x", W/{answer.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(path, headers={"if-none-match": answer.headers["etag"], "accept": "application/json"})
    assert (other.status_code, other.headers["content-type"]) == (200, "application/json")


def test_it_is_only_read(client: TestClient, path: str) -> None:
    assert client.options(path).headers["allow"] == "GET, HEAD, OPTIONS"
    for method in ("POST", "PUT", "DELETE"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
        assert "GET" in answer.headers["allow"]
    assert client.get(path, headers={"accept": "text/html"}).status_code == 406


def test_what_is_not_shown_is_not_there(
    client: TestClient, node: Node, path: str, vasculum: Vasculum
) -> None:
    for image in ("0" * 64, Digest.of((node.layout.root / "node.toml").read_bytes()).hex):
        assert client.get(f"/api/images/{image}/annotations").status_code == 404
    assert client.get("/api/images/../../etc/annotations").status_code in (400, 404)
    with node.index() as index:
        row = index.one("SELECT max(digest) AS digest FROM finding")
    assert row is not None
    gone = Digest(row["digest"]).hex
    assert client.get(f"/api/images/{gone}/annotations").status_code == 200
    assert vasculum("--node", node.layout.root, "withdraw", gone, "--reason", "rights").code == 0
    assert client.get(f"/api/images/{gone}/annotations").status_code == 410
    assert client.get(path).status_code == 200
