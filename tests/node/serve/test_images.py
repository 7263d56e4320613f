"""Images over HTTP: what viewers get, and what nobody gets."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from hashstore.blobstore import add_bytes
from hashstore.digest import Digest
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.serve.watch import tidy_images

if TYPE_CHECKING:
    from tests.conftest import Serve

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _jpeg(width: int, height: int, orientation: int = 1) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    out = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(out, "JPEG", exif=tags)
    return out.getvalue()


FILES = {
    "small.jpg": _jpeg(300, 200),
    "turned.jpg": _jpeg(300, 200, 6),
    "big.jpg": _jpeg(2600, 1700),
    "taken-back.jpg": _jpeg(310, 200),
    "cut-off.jpg": _jpeg(320, 200)[:1200],
    "drawing.svg": SVG,
}


@dataclass(frozen=True)
class Shown:
    """A node that shows images.

    Attributes:
        node: The node.
        url: Its address.
    """

    node: Node
    url: str

    def get(self, name: str, rest: str = "", version: int = 3, **more: Any) -> httpx.Response:
        """What is answered for one of the files."""
        digest = Digest.of(FILES[name]).hex if name in FILES else name
        return httpx.get(f"{self.url}/iiif/{version}/{digest}{rest}", timeout=60, **more)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> Shown:
    folder = tmp_path_factory.mktemp("images")
    (folder / "in").mkdir()
    for name, data in FILES.items():
        (folder / "in" / name).write_bytes(data)
    root = folder / "node"
    create_node(Layout(root), "Test Herbarium", "herbarium.test/log")
    command = ["--node", str(root), "--quiet"]
    assert run([*command, "add", str(folder / "in")]) == 0
    gone = Digest.of(FILES["taken-back.jpg"]).uri
    assert run([*command, "withdraw", gone, "--reason", "rights"]) == 0
    return Shown(open_node(Layout(root)), serve(root, "--no-jobs").url)


def test_an_image_is_described_and_shown(shown: Shown) -> None:
    document = shown.get("small.jpg", "/info.json").json()
    assert document["id"] == f"{shown.url}/iiif/3/{Digest.of(FILES['small.jpg']).hex}"
    assert (document["width"], document["height"]) == (300, 200)
    answer = shown.get("small.jpg", "/10,20,100,50/^200,/0/color.jpg")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (200, 100)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    links = answer.headers["link"].split(", ")
    assert links[0] == '<http://iiif.io/api/image/3/level2.json>;rel="profile"'
    assert links[1] == f'<{document["id"]}/10,20,100,50/%5E200,100/0/default.jpg>;rel="canonical"'
    canonical = links[1].partition(">")[0].removeprefix("<")
    assert httpx.get(canonical).content == answer.content


def test_the_older_version_is_answered_in_its_words(shown: Shown) -> None:
    document = shown.get("small.jpg", "/info.json", 2).json()
    assert document["@id"] == f"{shown.url}/iiif/2/{Digest.of(FILES['small.jpg']).hex}"
    answer = shown.get("small.jpg", "/full/150,/0/default.jpg", 2)
    assert answer.headers["link"].endswith('/full/150,/0/default.jpg>;rel="canonical"')
    assert answer.headers["link"].startswith("<http://iiif.io/api/image/2/level2.json>")
    assert shown.get("small.jpg", "/full/600,/0/default.jpg", 2).status_code == 200


def test_who_has_it_is_told_that_it_did_not_change(shown: Shown) -> None:
    for rest in ("/info.json", "/full/max/0/default.jpg"):
        first = shown.get("small.jpg", rest)
        again = shown.get("small.jpg", rest, headers={"if-none-match": f'W/"x", {first.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    tags = {
        shown.get("small.jpg", f"/full/{size}/0/default.jpg").headers["etag"]
        for size in ("max", "10,", "11,")
    }
    assert len(tags) == 3


@pytest.mark.parametrize(
    ("version", "accept", "kind"),
    [(3, "*/*", "ld+json"), (3, "application/json", "json"), (3, "text/html,*/*;q=0.8", "json"),
     (2, "*/*", "json"), (2, "application/ld+json", "ld+json"),
     (3, "application/ld+json, application/json;q=0.5", "ld+json")],
)  # fmt: skip
def test_a_description_comes_as_it_is_wanted(shown: Shown, version: int, accept: str, kind: str) -> None:
    answer = shown.get("small.jpg", "/info.json", version, headers={"accept": accept})
    context = f"http://iiif.io/api/image/{version}/context.json"
    wanted = {"json": "application/json", "ld+json": f'application/ld+json;profile="{context}"'}[kind]
    assert answer.headers["content-type"] == wanted
    assert answer.headers["vary"] == "accept"
    assert (f'<{context}>;rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["link"]) == (
        kind == "json"
    )


def test_an_image_sends_to_its_description(shown: Shown) -> None:
    for rest in ("", "/"):
        answer = shown.get("small.jpg", rest)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/iiif/3/{Digest.of(FILES['small.jpg']).hex}/info.json"


def test_other_methods(shown: Shown) -> None:
    url = f"{shown.url}/iiif/3/{Digest.of(FILES['small.jpg']).hex}/full/max/0/default.jpg"
    head, got = httpx.head(url), httpx.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert httpx.post(url).status_code == 405
    asked = httpx.options(
        url, headers={"origin": "https://viewer.example", "access-control-request-method": "GET"}
    )
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")


def test_what_is_asked_in_percent_encoding_is_the_same(shown: Shown) -> None:
    plain = shown.get("small.jpg", "/pct:10,10,50,50/^max/!0/default.png")
    coded = shown.get("small.jpg", "/pct%3A10%2C10%2C50%2C50/%5Emax/%210/default%2Epng")
    assert plain.status_code == 200
    assert coded.content == plain.content


def test_what_exif_turns_is_upright(shown: Shown) -> None:
    document = shown.get("turned.jpg", "/info.json").json()
    assert (document["width"], document["height"]) == (200, 300)
    assert Image.open(io.BytesIO(shown.get("turned.jpg", "/full/max/0/default.jpg").content)).size == (
        200,
        300,
    )


def test_a_big_image_is_made_into_a_pyramid_once_however_many_ask(shown: Shown) -> None:
    tiles = [f"/{x},{y},512,512/512,512/0/default.jpg" for x in (0, 512, 1024) for y in (0, 512)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda rest: shown.get("big.jpg", rest), tiles * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert {Image.open(io.BytesIO(answer.content)).size for answer in answers} == {(512, 512)}
    folders = [path.parent for path in shown.node.layout.iiif.glob("*/*/*/pyramid.tif")]
    assert [folder.name for folder in folders] == [Digest.of(FILES["big.jpg"]).hex]
    assert not list(folders[0].glob("*.partial"))


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [("cut-off.jpg", 501, "damaged"), ("drawing.svg", 501, "no image of a kind"),
     ("taken-back.jpg", 410, "withdrawn")],
)  # fmt: skip
def test_what_cannot_be_shown_says_why(shown: Shown, name: str, status: int, words: str) -> None:
    for rest in ("/info.json", "/full/max/0/default.jpg"):
        answer = shown.get(name, rest)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["title"]


def test_what_the_api_does_not_know_is_refused(shown: Shown) -> None:
    for rest in (
        "/full/max/0/default.jp2",
        "/full/0,/0/default.jpg",
        "/full/max/0/native.jpg",
        "/a/b/c/d.jpg",
    ):
        assert shown.get("small.jpg", rest).status_code == 400
    assert shown.get("small.jpg", "/info.json", headers={"host": "a b<script>"}).status_code == 400


def test_withheld_unknown_and_no_image_are_one_answer(shown: Shown) -> None:
    unnamed = add_bytes(shown.node.store, _jpeg(33, 22))
    answers = set()
    for name in (unnamed.hex, Digest.of(b"nobody has this").hex, "no-digest", "A" * 64):
        for rest in (
            "",
            "/info.json",
            "/full/max/0/default.jpg",
            "/full/0,/x/default.jpg",
            "/a",
            "/a/b/c/d/e",
        ):
            answer = shown.get(name, rest)
            del answer.headers["date"]
            answers.add((answer.status_code, answer.content, tuple(answer.headers.raw)))
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    assert not list(shown.node.layout.iiif.glob(f"*/*/{unnamed.hex}"))


def test_the_scheme_is_what_the_web_server_in_front_says(shown: Shown) -> None:
    answer = shown.get("small.jpg", "/info.json", headers={"host": "a.example", "x-forwarded-proto": "https"})
    assert answer.json()["id"].startswith("https://a.example/iiif/3/")
    answer = shown.get("small.jpg", "/info.json", headers={"x-forwarded-proto": "javascript"})
    assert answer.json()["id"].startswith("http://")


def test_what_was_made_of_an_image_that_is_hidden_goes(shown: Shown) -> None:
    assert shown.get("small.jpg", "/full/max/0/default.jpg").status_code == 200
    hidden = shown.node.layout.iiif.glob("*/*/*")
    made = next(path for path in hidden if path.name == Digest.of(FILES["small.jpg"]).hex)
    name = Digest.of(b"hidden").hex
    other = made.parent.with_name(name[:2]) / name
    other.mkdir(parents=True)
    (other / "facts.json").write_bytes(b"{}")
    tidy_images(shown.node)
    assert made.exists()
    assert not other.exists()


def test_a_frame_around_the_image_is_filled_by_the_older_version_alone(shown: Shown) -> None:
    assert shown.get("small.jpg", "/full/!1200,1200/0/default.jpg").status_code == 400
    answer = shown.get("small.jpg", "/full/!1200,1200/0/default.jpg", 2)
    assert Image.open(io.BytesIO(answer.content)).size == (300, 200)
