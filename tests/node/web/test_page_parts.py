"""What pages are made of, as values: questions, maps, curves, outlines, languages, addresses."""

from __future__ import annotations

import contextlib
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from analyzers.region import Box, Grid, Mask, Point, Polygon
from hashstore.digest import Digest
from manifests.errors import FilterRefused
from node.search.growth import Point as GrowthPoint
from node.search.places import Cell
from node.web.about.curves import drawn
from node.web.assets import Assets
from node.web.compare import read_compared
from node.web.explore.map import draw
from node.web.explore.question import Corners, UnreadableQuestion, read_question
from node.web.language import LANGUAGES, PSEUDO, language, negotiated
from node.web.pages import short, with_query
from node.web.things.outline import outline

_SOME = Digest.of(b"some image")


def test_words_are_searched_as_words_and_filters_as_filters() -> None:
    tree = read_question(QueryParams("q=Quercus robur")).tree
    assert tree is not None
    assert tree.document() == {"match": {"field": "text", "value": "Quercus robur"}}
    tree = read_question(QueryParams("q=country:BE AND year<1900")).tree
    assert tree is not None
    assert str(tree.document()).startswith("{'and'")
    assert read_question(QueryParams("")).tree is None


def test_values_of_one_facet_widen_and_facets_narrow() -> None:
    asked = QueryParams("family=Fagaceae&family=Rosaceae&decade=1890s&box=-10,30,20,60")
    question = read_question(asked)
    assert question.tree is not None
    assert question.tree.document() == {
        "and": [
            {"or": [{"eq": {"field": "family", "value": name}} for name in ("Fagaceae", "Rosaceae")]},
            {"range": {"field": "date", "from": "1890", "to": "1899"}},
            {"box": {"field": "place", "west": "-10", "south": "30", "east": "20", "north": "60"}},
        ]
    }
    assert question.box == Corners(-10, 30, 20, 60)


@pytest.mark.parametrize("query", ["decade=189", "box=1,2,3", "box=a,b,c,d", "box=1e9,0,1,1"])
def test_what_is_no_decade_or_place_is_refused_in_words(query: str) -> None:
    with pytest.raises(UnreadableQuestion):
        read_question(QueryParams(query))


def test_a_mistake_in_a_filter_is_pointed_at() -> None:
    with pytest.raises(FilterRefused, match="contry"):
        read_question(QueryParams("q=contry:BE"))
    with pytest.raises(FilterRefused):
        read_question(QueryParams("box=0,80,10,20"))


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=10), max_size=3))
def test_any_address_is_a_question_or_refused(words: str, families: list[str]) -> None:
    with contextlib.suppress(FilterRefused, UnreadableQuestion):
        read_question(QueryParams([("q", words), *(("family", family) for family in families)]))


def test_a_map_shows_every_cell_within_the_world() -> None:
    cells = [Cell(-180, -90, 1), Cell(175, 85, 100), Cell(0, 50, 10)]
    whole = draw(cells, 5.0, None)
    assert whole.view == "0 0 360 180"
    assert [spot.records for spot in whole.spots] == [1, 10, 100]
    radii = [spot.radius for spot in whole.spots]
    assert radii == sorted(radii)
    for spot in whole.spots:
        west, south, east, north = map(float, spot.box.split(","))
        assert -180 <= west < east <= 180
        assert -90 <= south < north <= 90


@given(st.floats(-180, 179), st.floats(-90, 89), st.floats(0.01, 170), st.floats(0.01, 80))
def test_a_part_of_the_map_holds_what_was_chosen(west: float, south: float, wide: float, high: float) -> None:
    box = Corners(west, south, min(west + wide, 180), min(south + high, 90))
    x, y, width, height = map(float, draw([], 1.0, box).view.split(" "))
    assert x >= -0.01
    assert x + width <= 360.01
    assert x <= box.west + 180 + 0.01
    assert box.east + 180 <= x + width + 0.01
    assert y <= 90 - box.north + 0.01
    assert 90 - box.south <= y + height + 0.01


def test_curves_end_at_the_newest_count_the_greatest_first() -> None:
    days = ("2026-01-01T00:00:00+00:00", "2026-01-03T00:00:00+00:00")
    points = [
        GrowthPoint(day, "log", _SOME, size, _SOME, {"Insecta": size, "Aves": 2 * size})
        for size, day in enumerate(days, 1)
    ]
    curves = drawn(points)
    assert [(curve.name, curve.last) for curve in curves] == [("Aves", 4), ("Insecta", 2)]
    assert curves[0].path == "M0.00,51.00H100.00V2.00"
    assert drawn([]) == ()


def test_outlines_of_every_kind_of_region() -> None:
    assert outline(Box(1, 2, 3, 4)) == "M1,2h3v4h-3Z"
    assert outline(Polygon(((0, 0), (9, 0), (9, 9)))) == "M0,0L9,0L9,9Z"
    assert outline(Mask(Box(10, 20, 3, 2), (1, 3, 2))) == "M11,20h2v1h-2ZM10,21h1v1h-1Z"
    assert (outline(Point(5, 6)) or "").startswith("M-7,6")
    assert outline(Grid(2, 2, (1, 3))) is None


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.integers(1, 7))
def test_a_masks_stripes_cover_its_pixels(runs: list[int], width: int) -> None:
    total = -(-sum(runs) // width) * width
    mask = Mask(
        Box(0, 0, width, total // width), (*runs, *([total - sum(runs)] if total > sum(runs) else []))
    )
    covered = sum(int(length) for length in re.findall(r"h(\d+)v1", outline(mask) or ""))
    assert covered == sum(mask.runs[1::2])


@pytest.mark.parametrize(
    ("accepted", "code"),
    [("fr-CA,en;q=0.5", "fr"), ("de", "en"), ("es;q=0.1,fr;q=0", "es"), ("x;q=5,*;;", "en"), ("", "en")],
)
def test_a_reader_is_spoken_to_in_a_language_they_asked_for(accepted: str, code: str) -> None:
    assert negotiated(accepted).code == code


def test_a_chosen_language_goes_before_the_browsers() -> None:
    assert negotiated("fr", "es").code == "es"
    assert negotiated("fr", "../etc").code == "fr"
    assert language(PSEUDO).words.gettext("Search").startswith("[S")


@pytest.mark.parametrize("code", LANGUAGES)
def test_numbers_and_days_are_written_as_its_readers_do(code: str) -> None:
    spoken = language(code)
    assert re.fullmatch(r"1\W?234\W?567", spoken.number(1_234_567))
    assert "1887" in spoken.day(date(1887, 5, 14))
    assert spoken.day("on a Tuesday") == "on a Tuesday"
    assert spoken.country("BE") in ("Belgium", "Belgique", "Bélgica")
    assert spoken.country("Utopia") == "Utopia"
    assert spoken.size(None) == ""
    assert spoken.size(371_300).endswith("kB")


def test_assets_lie_under_their_content() -> None:
    assets = Assets()
    address = assets.url("style.css").removeprefix("/static/")
    found = assets.find(address)
    assert found is not None
    assert address.startswith(Digest.of(found.content).hex[:12])
    assert assets.find("0" * 12 + "/style.css") is None
    assert assets.find("../pages.py") is None


def test_addresses_keep_what_they_do_not_change() -> None:
    query = QueryParams("q=a&family=x&family=y&after=1")
    assert with_query(query, after=None) == "?q=a&family=x&family=y"
    assert with_query(query, q="b & c", after=None) == "?family=x&family=y&q=b+%26+c"
    assert short(_SOME) == f"{_SOME.hex[:10]}…"


def test_what_can_be_compared() -> None:
    own = read_compared(_SOME.uri)
    assert own is not None
    assert (own.service, own.origin) == (f"/iiif/3/{_SOME.hex}", None)
    other = read_compared("https://iiif.example:8443/a/b/info.json")
    assert other is not None
    assert (other.service, other.origin) == ("https://iiif.example:8443/a/b", "https://iiif.example:8443")


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "https://x; script-src *", "https:///a", "//x/y", "no digest", "https://x'y"],
)
def test_nothing_else_comes_into_a_page_or_its_policy(text: str) -> None:
    assert read_compared(text) is None
