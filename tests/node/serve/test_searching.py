"""Searches over HTTP: what is right is answered, and nothing that anybody sends makes the node stumble."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.iiif.rights import rights_uri
from node.layout import Layout
from node.search import desk
from node.search.desk import SearchDesk
from node.search.generation import bring_up
from node.serve.api import make_api
from node.serve.image_rights import ImageRights
from node.serve.live import LiveNode
from node.serve.metrics import Metrics

HOSTILE = [
    "'; DROP TABLE unit; --", "' OR 1=1 --", "$f1x0", "../../etc/passwd", "%00", "a'||(SELECT 1)||'",
    "read_csv('/etc/passwd')", "{{7*7}}", "\u202e", "\U0001f33f" * 30, "a" * 3000, "::", "((((", "\\",
]  # fmt: skip
texts = st.sampled_from(HOSTILE) | st.text(max_size=30)


@pytest.fixture(scope="module")
def node(tracked_once: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Node:
    root = tmp_path_factory.mktemp("searched") / "node"
    shutil.copytree(tracked_once[0], root)
    node = open_node(Layout(root))
    bring_up(node)
    return node


@pytest.fixture(scope="module")
def app(node: Node) -> Any:
    return make_api(LiveNode(node.layout), Metrics())


@pytest.fixture(scope="module")
def client(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def test_hits_and_facets_of_a_filter(client: TestClient, node: Node) -> None:
    with node.index() as index:
        families = index.rows("SELECT family, count(*) AS n FROM specimen WHERE current GROUP BY family")
    expected = max(families, key=lambda row: row["n"])
    answer = client.get(
        "/api/search", params={"q": f"family:{expected['family']}", "facet": ["family", "decade"]}
    )
    assert answer.status_code == 200
    said = answer.json()
    assert said["records"] == expected["n"] == len(said["hits"])
    assert said["facets"][0]["values"] == [{"value": expected["family"], "records": expected["n"]}]
    assert {hit["family"] for hit in said["hits"]} == {expected["family"]}
    assert json.loads(said["filter"]) == {"eq": {"field": "family", "value": expected["family"]}}
    assert said["text"] == f"family:{expected['family']}"


def test_pages_follow_each_other(client: TestClient) -> None:
    whole = client.get("/api/search", params={"limit": 200}).json()
    rows: list[str] = []
    after: str | None = ""
    while after is not None:
        said = client.get("/api/search", params={"limit": 5, "after": after}).json()
        rows += [hit["row"] for hit in said["hits"]]
        after = said["next"]
    assert rows == [hit["row"] for hit in whole["hits"]]
    assert len(rows) == whole["records"]


def test_who_would_wait_long_is_asked_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_PATIENCE", 0.01)
    with desk._ASKING, desk._ASKING:
        said = client.get("/api/search")
    assert (said.status_code, said.headers["retry-after"]) == (503, "5")
    assert client.get("/api/search").status_code == 200


def test_facets_alone(client: TestClient) -> None:
    said = client.get("/api/facets").json()
    assert [facet["facet"] for facet in said["facets"]] == [
        "family",
        "country",
        "decade",
        "institution",
        "license",
    ]
    assert said["hits"] == []
    for facet in said["facets"][:4]:
        assert sum(value["records"] for value in facet["values"]) + facet["missing"] == said["records"]


def test_images_are_named_by_digest(client: TestClient, node: Node) -> None:
    said = client.get("/api/search", params={"images": "true", "limit": 200}).json()
    with node.index() as index:
        rows = index.rows("SELECT DISTINCT digest FROM capture WHERE role = 'image' AND access = 'public'")
    known = {f"hash://sha256/{row['digest'].hex()}" for row in rows if row["digest"]}
    assert said["records"] > 0
    assert all(hit["images"] and set(hit["images"]) <= known for hit in said["hits"])


@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"q": "taxon:Fagaceae AND contry:BE"}, "line 1, column 20"),
        ({"q": '{"eq":{"field":"x"}}'}, "$.eq.field"),
        ({"q": "a" * 17_000}, "q"),
        ({"q": f"taxon:below(Quercus, hash://sha256/{'0' * 64})"}, "the filter"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "1e99"}, "limit"),
        ({"values": "201"}, "values"),
        ({"sort": "row; --"}, "sort"),
        ({"after": "nonsense"}, "after"),
        ({"after": "hash://sha256/" + "0" * 64 + "#row=1"}, "after"),
        ({"facet": "nothing"}, "facet"),
        ({"facet": ["family"] * 11}, "facet"),
        ({"images": "perhaps"}, "images"),
    ],
)
def test_what_is_wrong_is_a_problem_that_names_its_place(client: TestClient, params: Any, where: str) -> None:
    answer = client.get("/api/search", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["where"] == where


def test_before_there_is_anything_to_search_the_answer_says_so(fresh: Node) -> None:
    client = TestClient(make_api(LiveNode(fresh.layout), Metrics()))
    answer = client.get("/api/search")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    bring_up(fresh)
    assert client.get("/api/search").json()["records"] == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["q", "sort", "after", "facet", "limit", "values", "images"]), texts)
def test_no_text_makes_the_node_stumble(client: TestClient, name: str, text: str) -> None:
    answer = client.get("/api/search", params={name: text.encode("utf-8", "replace").decode()})
    assert answer.status_code in (200, 400)
    assert client.get("/api/search", params={"limit": 0}).json()["records"] > 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["eq", "prefix", "match"]),
    st.sampled_from(["locality", "taxon", "license", "text"]),
    texts,
)
def test_a_hostile_value_of_a_filter_finds_nothing_more(
    client: TestClient, operator: str, field: str, text: str
) -> None:
    tree = {operator: {"field": field, "value": text}}
    answer = client.get("/api/search", params={"q": json.dumps(tree)})
    assert answer.status_code in (200, 400)
    # `match` asks for the words in it, such as the 7 of a template, and a record may well have those.
    if answer.status_code == 200 and text in HOSTILE and operator != "match":
        assert answer.json()["records"] == 0


def test_the_rights_of_an_image_are_those_that_all_its_records_say(node: Node) -> None:
    query = """
    SELECT c.digest, list(DISTINCT m.licenseSPDX) AS said FROM capture c JOIN media m
    ON m.source = c.source AND c.url IN (m.accessURI, m.identifier) AND m.current
    WHERE c.role = 'image' AND c.digest IS NOT NULL GROUP BY c.digest
    """
    with node.index() as index:
        said = {Digest(row["digest"]): row["said"] for row in index.rows(query)}
    desk = SearchDesk(LiveNode(node.layout))
    rights = ImageRights(desk)
    try:
        found = {image: rights(image) for image in said}
        assert found == {image: rights(image) for image in said}  # once more, as it was kept
        assert rights(Digest.of(b"nobody has this")) is None
    finally:
        desk.close()
    assert any(found.values())
    for image, uri in found.items():
        assert uri is None or [uri] == [rights_uri(spdx) for spdx in said[image]]
