"""Searches by pictures over HTTP: what is like is found, and nothing that is sent stays or does harm."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from PIL import Image
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hashstore.digest import Digest
from node.compose import Node, open_node
from node.layout import Layout
from node.serve import similar_desk
from node.serve.api import make_api
from node.serve.live import LiveNode
from node.serve.metrics import Metrics


@pytest.fixture(scope="module")
def app(embedded_once: Path) -> Any:
    return make_api(LiveNode(Layout(embedded_once)), Metrics())


@pytest.fixture(scope="module")
def client(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def image(embedded_once: Path) -> Digest:
    """An image of the node."""
    with open_node(Layout(embedded_once)).index() as index:
        row = index.one("SELECT digest FROM analysis WHERE fault IS NULL ORDER BY digest LIMIT 1")
    assert row is not None
    return Digest(row["digest"])


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 40.0).save(file, kind)
    return file.getvalue()


def hits(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/similar", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["hits"])


def test_an_image_finds_its_like_each_with_score_and_analyzer(client: TestClient, image: Digest) -> None:
    answer = client.get("/api/similar", params={"digest": image.uri, "limit": 5})
    said = answer.json()
    assert (answer.status_code, len(said["hits"])) == (200, 5)
    assert said["analyzer"]["name"] == "embedding"
    scores = [float(hit["score"]) for hit in said["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert {hit["analyzer"] for hit in said["hits"]} == {"embedding@1"}
    assert image.uri not in {hit["digest"] for hit in said["hits"]}
    assert all(client.get(hit["annotations"]).status_code == 200 for hit in said["hits"][:2])


def test_a_picture_that_is_sent_finds_itself_as_a_whole_and_in_part(
    client: TestClient, embedded: Node, image: Digest
) -> None:
    data = embedded.store.read(image)
    sent = {"content": data, "headers": {"content-type": "image/jpeg"}}
    first = client.post("/api/similar", **sent).json()["hits"][0]
    assert first["digest"] == image.uri
    assert float(first["score"]) > 0.999
    with embedded.index() as index:
        row = index.one("SELECT region FROM finding WHERE digest = ? AND region IS NOT NULL", [image.raw])
    assert row is not None
    part = client.post("/api/similar", params={"region": row["region"]}, **sent).json()["hits"][0]
    assert (part["digest"], part["region"]) == (image.uri, row["region"])
    (same,) = hits(client, digest=image.hex, region=row["region"], limit=1)
    assert same == part, "a vector out of the log is the one that is made of the picture"


def test_a_filter_says_among_which_images_is_searched(client: TestClient, image: Digest) -> None:
    plants = hits(client, digest=image.hex, q="taxon:Plantae", limit=200)
    everything = hits(client, digest=image.hex, limit=200)
    assert 0 < len(plants) < len(everything)
    assert hits(client, digest=image.hex, q="taxon:Nothing") == []


def test_what_is_sent_is_stored_nowhere_and_told_nowhere(
    client: TestClient, embedded_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    data = picture()
    before = contents(embedded_once)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        assert client.post("/api/similar", content=data).status_code == 200
        assert client.post("/api/similar", content=data[:400]).status_code == 422
    assert contents(embedded_once) == before
    assert list(tmp_path.iterdir()) == []
    assert Digest.of(data).hex not in caplog.text


def contents(root: Path) -> dict[str, Digest]:
    """What is in each file of a node; DuckDB's own file changes when it is only opened."""
    files = (path for path in root.rglob("*") if path.is_file() and path.name != "index.duckdb")
    return {str(path.relative_to(root)): Digest.of(path.read_bytes()) for path in files}


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it has so many pixels, of which there are few bytes."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(100_000))), (b"IEND", b""))
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


JPEG = picture("JPEG")
HOSTILE = {
    "nothing": (b"", 415),
    "words": (b"no picture at all", 415),
    "a page": (b"<html><img src=x onerror=alert(1)></html>", 415),
    "a drawing that runs": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\n", 415),
    "a PDF around a JPEG": (b"%PDF-1.4\n" + JPEG, 415),
    "a script that begins as a GIF": (b"GIF89a/*" + bytes(64) + b"*/=1;alert(1)", 422),
    "a truncated JPEG": (JPEG[:900], 422),
    "a truncated PNG": (picture()[:900], 422),
    "900 million pixels": (png_of(30_000, 30_000), 422),
    "a thousand million millions of pixels": (png_of(2**31 - 1, 2**20), 422),
    "pixels that are not there": (png_of(9_000, 9_000), 422),
    "a TIFF that names itself": (b"II*\0\x08\0\0\0\x01\0\x4a\x01\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0", 422),
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_sound_picture_is_refused_in_words(client: TestClient, sent: tuple[bytes, int]) -> None:
    answer = client.post("/api/similar", content=sent[0])
    assert (answer.status_code, answer.headers["content-type"]) == (sent[1], "application/problem+json")
    assert answer.json()["detail"]
    assert "/" not in answer.json()["detail"].replace("image/", ""), "no path"


def test_what_stands_behind_a_picture_is_not_looked_at(client: TestClient) -> None:
    plain, more = (client.post("/api/similar", content=JPEG + rest).json() for rest in (b"", b"PK\3\4" * 99))
    assert plain["hits"] == more["hits"]
    wrong = client.post("/api/similar", content=JPEG, headers={"content-type": "image/png"})
    assert wrong.status_code == 415


@pytest.mark.parametrize(
    ("asked", "status", "where"),
    [
        ({"digest": "no"}, 400, "digest"),
        ({"digest": "0" * 64}, 404, None),
        ({}, 400, "digest"),
        ({"region": "0,0,0,5"}, 400, "region"),
        ({"region": "0,0,nan,5"}, 400, "region"),
        ({"region": "0,0,9007199254740992,5"}, 400, "region"),
        ({"region": "0,0,99999,5"}, 422, None),
        ({"limit": "0"}, 400, "limit"),
        ({"limit": "201"}, 400, "limit"),
        ({"index": "00000000"}, 404, None),
        ({"index": "../../etc"}, 400, "index"),
        ({"q": "contry:BE"}, 400, "line 1, column 1"),
    ],
)
def test_what_is_wrong_is_a_problem(
    client: TestClient, image: Digest, asked: dict[str, str], status: int, where: str | None
) -> None:
    answer = client.get("/api/similar", params={"digest": image.hex, **asked} if asked else {})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json().get("where") == where


def test_who_would_wait_long_is_asked_to_come_again(
    client: TestClient, image: Digest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar_desk, "_PATIENCE", 0.01)
    with similar_desk._ASKING:
        said = client.get("/api/similar", params={"digest": image.hex})
    assert (said.status_code, said.headers["retry-after"]) == (503, "10")


def test_a_page_of_another_site_may_ask(client: TestClient) -> None:
    said = client.options("/api/similar", headers={"origin": "https://other.example"})
    assert (said.status_code, said.headers["access-control-allow-origin"]) == (204, "*")


def test_without_an_index_the_answer_says_so(fresh: Node) -> None:
    bare = TestClient(make_api(LiveNode(fresh.layout), Metrics()))
    assert bare.post("/api/similar", content=JPEG).status_code == 404


@pytest.mark.parametrize("path", ["/api/similar", "/api/images/{image}/annotations"])
def test_the_routes_keep_to_their_description(app: Any, path: str) -> None:
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)[path]["GET"]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def keep(case: Any) -> None:
        # No schema says which texts are digests that are known here.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    keep()
