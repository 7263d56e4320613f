"""What an image is asked for: read, worked out, and said again in its canonical words."""

from __future__ import annotations

import json
from fractions import Fraction
from urllib.parse import quote, unquote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from node.errors import MalformedImageRequest
from node.iiif.info import info, scale_factors, sizes
from node.iiif.plan import Box, Limits, Plan, canonical, largest, plan
from node.iiif.request import Format, ImageRequest, Quality, Version, read_request
from node.iiif.rights import rights_uri
from node.iiif.target import target

LIMITS = Limits(16_383, 1 << 25)
SMALL = Limits(400, 90_000)
sides = st.integers(1, 40_000)
versions = st.sampled_from(Version)
numbers = st.integers(1, 50_000).map(str)
percents = st.decimals("0.001", 100, places=3).map(lambda number: f"{number:f}")
regions = st.one_of(
    st.sampled_from(["full", "square"]),
    st.tuples(st.integers(0, 39_999).map(str), st.integers(0, 39_999).map(str), numbers, numbers).map(
        ",".join
    ),
    st.tuples(percents, percents, percents, percents).map(lambda four: "pct:" + ",".join(four)),
)
plain_sizes = st.one_of(
    st.just("max"),
    numbers.map("{},".format),
    numbers.map(",{}".format),
    st.tuples(numbers, numbers).map(",".join),
    st.tuples(numbers, numbers).map(lambda two: "!" + ",".join(two)),
    percents.map("pct:{}".format),
)
turns = st.tuples(st.sampled_from(["", "!"]), st.decimals(0, 360, places=2)).map(
    lambda two: f"{two[0]}{two[1]:f}"
)


@st.composite
def paths(draw: st.DrawFn, version: Version) -> str:
    caret = draw(st.sampled_from(["", "^"])) if version is Version.THREE else ""
    shown = f"{draw(st.sampled_from(Quality))}.{draw(st.sampled_from(Format))}"
    return "/".join([draw(regions), caret + draw(plain_sizes), draw(turns), shown])


def asked(version: Version, path: str) -> ImageRequest:
    return read_request(version, *path.split("/"))


def worked_out(version: Version, path: str, width: int, height: int, limits: Limits = LIMITS) -> Plan:
    return plan(asked(version, path), width, height, limits)


@given(st.data(), versions, sides, sides, st.sampled_from([LIMITS, SMALL]))
def test_what_is_asked_for_in_canonical_words_is_the_same(
    data: st.DataObject, version: Version, width: int, height: int, limits: Limits
) -> None:
    path = data.draw(paths(version))
    try:
        made = worked_out(version, path, width, height, limits)
    except MalformedImageRequest:
        assume(False)
    words = canonical(made, version, width, height, limits)
    again = worked_out(version, words, width, height, limits)
    assert again == made
    assert canonical(again, version, width, height, limits) == words
    assert unquote(quote(words, safe="/,:;!.")) == words


@given(st.data(), versions, sides, sides)
def test_a_plan_stays_within_the_image_and_the_limits(
    data: st.DataObject, version: Version, width: int, height: int
) -> None:
    path = data.draw(paths(version))
    try:
        made = worked_out(version, path, width, height)
    except MalformedImageRequest:
        assume(False)
    box = made.box
    assert 0 <= box.left < box.left + box.width <= width
    assert 0 <= box.top < box.top + box.height <= height
    assert 1 <= made.width <= LIMITS.side
    assert 1 <= made.height <= LIMITS.side
    assert made.width * made.height <= LIMITS.area
    if version is Version.THREE and "^" not in path:
        assert made.width <= box.width
        assert made.height <= box.height


@given(sides, sides, st.booleans())
def test_the_largest_size_is_within_the_limits_and_in_proportion(
    width: int, height: int, upscaled: bool
) -> None:
    wide, high = largest(Box(0, 0, width, height), LIMITS, upscaled=upscaled)
    assert 1 <= wide <= LIMITS.side
    assert 1 <= high <= LIMITS.side
    assert wide * high <= LIMITS.area
    if min(wide, high) > 1:
        scale = max(wide / width, high / height)
        assert abs(wide - width * scale) <= 1 + scale
        assert abs(high - height * scale) <= 1 + scale


@given(sides, sides, versions)
def test_every_size_and_tile_that_is_offered_is_given(width: int, height: int, version: Version) -> None:
    document = info(version, "https://node.example/iiif/x", width, height, LIMITS)
    for size in document["sizes"]:
        made = worked_out(version, f"full/{size['width']},{size['height']}/0/default.jpg", width, height)
        assert (made.width, made.height) == (size["width"], size["height"])
    tile = document["tiles"][0]
    for factor in tile["scaleFactors"]:
        region = tile["width"] * factor
        left = (width - 1) // region * region
        wide, high = min(region, width - left), min(region, height)
        shown = f"{left},0,{wide},{high}/{-(-wide // factor)},{-(-high // factor)}/0/default.jpg"
        assert max(worked_out(version, shown, width, height).width, 1) <= tile["width"]
    assert max(width, height) <= tile["scaleFactors"][-1] * tile["width"]


@pytest.mark.parametrize(
    ("version", "path", "words"),
    [
        ("3", "full/max/0/default.jpg", "full/max/0/default.jpg"),
        ("3", "0,0,1000,1500/1000,1500/360/color.jpg", "full/max/0/default.jpg"),
        ("3", "full/500,/0/default.jpg", "full/500,750/0/default.jpg"),
        ("3", "full/!500,500/0/default.jpg", "full/333,500/0/default.jpg"),
        ("3", "square/max/!90.50/gray.png", "0,250,1000,1000/max/!90.5/gray.png"),
        ("3", "pct:10,10,80,80/pct:50/0/bitonal.webp", "100,150,800,1200/400,600/0/bitonal.webp"),
        ("3", "900,1400,500,500/max/0/default.jpg", "900,1400,100,100/max/0/default.jpg"),
        ("3", "0,0,10,10/^20,/0/default.jpg", "0,0,10,10/^20,20/0/default.jpg"),
        ("3", "full/^max/0/default.jpg", "full/^max/0/default.jpg"),
        ("2", "full/full/0/default.jpg", "full/full/0/default.jpg"),
        ("2", "full/max/0/default.jpg", "full/full/0/default.jpg"),
        ("2", "full/,750/0/default.jpg", "full/500,/0/default.jpg"),
        ("2", "full/500,500/0/default.jpg", "full/500,500/0/default.jpg"),
        ("2", "full/!2000,2000/0/default.jpg", "full/full/0/default.jpg"),
        ("2", "full/2000,/.5/default.jpg", "full/2000,/0.5/default.jpg"),
    ],
)
def test_canonical_words(version: str, path: str, words: str) -> None:
    made = worked_out(Version(version), path, 1000, 1500)
    assert canonical(made, Version(version), 1000, 1500, LIMITS) == words


@pytest.mark.parametrize(
    "path",
    [
        "Full/max/0/default.jpg", "0,0,0,10/max/0/default.jpg", "1000,0,10,10/max/0/default.jpg",
        "-1,0,10,10/max/0/default.jpg", "0,0,10/max/0/default.jpg", "pct:0,0,0,5/max/0/default.jpg",
        "pct:100,0,5,5/max/0/default.jpg", "0,0,1e3,10/max/0/default.jpg", "full/full/0/default.jpg",
        "full/0,/0/default.jpg", "full/pct:0/0/default.jpg", "full/1001,/0/default.jpg",
        "full/,1501/0/default.jpg", "full/pct:101/0/default.jpg", "full/!1001,1501/0/default.jpg",
        "full/1000,1501/0/default.jpg", "full/^20000,/0/default.jpg", "full/^9000,9000/0/default.jpg",
        "full/,/0/default.jpg", "full/^/0/default.jpg", "full/max/361/default.jpg",
        "full/max/-90/default.jpg", "full/max/ 0/default.jpg", "full/max/0x/default.jpg",
        "full/max/٣/default.jpg", "full/max/0/native.jpg", "full/max/0/default.jp2", "full/max/0/default",
        "full/max/0/default.JPG", "full/max/0/default.jpg.png", "full/max/0/.jpg",
        "full/9999999999,/0/default.jpg",
    ],
)  # fmt: skip
def test_what_the_api_does_not_know_is_refused(path: str) -> None:
    with pytest.raises(MalformedImageRequest):
        worked_out(Version.THREE, path, 1000, 1500)


def test_a_percentage_of_nearly_nothing_is_a_pixel() -> None:
    made = worked_out(Version.THREE, "pct:99.99,99.99,0.001,0.001/max/0/default.jpg", 100, 100)
    assert made.box == Box(99, 99, 1, 1) or made.box.width == 1


def test_what_a_path_names() -> None:
    name = "ab" * 32
    for good in ("", "/", "/info.json", "/full/max/0/default.jpg", "/a/b/c/d"):
        found = target(f"/iiif/3/{name}{good}")
        assert found is not None
        assert found.digest.hex == name
        assert found.is_info == (good == "/info.json")
        assert found.is_base == (good in ("", "/"))
    for bad in (f"3/{name}/info.xml", f"3/{name}/full/max/0/default.jpg/", f"1/{name}", f"3/{name.upper()}",
                f"3/{name[:-1]}", f"3/{'g' * 64}", f"3//{name}", f"{name}", "3", "",
                "3/a/b/full/max/0/x.jpg"):  # fmt: skip
        assert target(f"/iiif/{bad}") is None, bad


def test_a_document_says_what_each_version_asks_of_it() -> None:
    three = info(Version.THREE, "https://x.example/iiif/3/ab", 6000, 4000, LIMITS, "http://rights.example/")
    assert three["id"] == "https://x.example/iiif/3/ab"
    assert (three["type"], three["profile"], three["rights"]) == (
        "ImageService3",
        "level2",
        "http://rights.example/",
    )
    assert three["tiles"] == [{"width": 512, "height": 512, "scaleFactors": [1, 2, 4, 8, 16]}]
    assert three["sizes"][-1] == {"width": 6000, "height": 4000}
    two = info(Version.TWO, "https://x.example/iiif/2/ab", 6000, 4000, LIMITS, "http://rights.example/")
    assert two["@id"] == "https://x.example/iiif/2/ab"
    assert two["profile"][0] == "http://iiif.io/api/image/2/level2.json"
    assert two["license"] == "http://rights.example/"
    assert "rights" not in info(Version.THREE, "https://x.example/", 1, 1, LIMITS)
    assert json.loads(json.dumps(two)) == two


def test_what_is_too_large_to_be_sent_is_not_offered() -> None:
    offered = sizes(11_548, 8_660, LIMITS)
    assert offered[-1] == (5774, 4330)
    assert scale_factors(512, 512) == [1]
    assert scale_factors(513, 1) == [1, 2]


@pytest.mark.parametrize(
    ("spdx", "uri"),
    [
        ("CC-BY-4.0", "http://creativecommons.org/licenses/by/4.0/"),
        ("CC-BY-NC-SA-3.0-DE", "http://creativecommons.org/licenses/by-nc-sa/3.0/de/"),
        ("CC0-1.0", "http://creativecommons.org/publicdomain/zero/1.0/"),
        ("MIT", None),
        ("CC-BY-?", None),
    ],
)
def test_rights_are_said_as_iiif_wants_them(spdx: str, uri: str | None) -> None:
    assert rights_uri(spdx) == uri


def test_a_turn_is_exact() -> None:
    assert asked(Version.THREE, "full/max/22.5/default.jpg").turn == Fraction(45, 2)
