"""A sensitive specimen has two rows: the exact one stays here, the public one tells no more than it may."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from crawlers.testing import ScriptedSite, answer
from hashstore.digest import Digest
from manifests.commitment import opens
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.disclosure.generalise import opening_of
from node.layout import Layout
from node.track.derivatives import derivation_opening

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_RULES = """
[sensitive]
images = "{images}"
synonyms = "synonyms.txt"
[[sensitive.rules]]
taxa = ["Ophrys apifera Huds."]
file = "rare.txt"
to = "{to}"
"""
_HEAD = (
    "occurrenceID,catalogNumber,scientificName,country,locality,decimalLatitude,decimalLongitude,eventDate,"
)
_SECRET = "Hintertal"


@pytest.fixture(scope="module")
def site() -> Iterator[ScriptedSite]:
    with ScriptedSite() as running:
        for number in range(1, 5):
            fields = {"content_type": "image/jpeg", "tdm_reservation": "0", "x_robots_tag": "noai"}
            running.on(f"/{number}.jpg", answer(200, photograph(number), **fields))
        yield running


def photograph(number: int, *, gps: bool = True) -> bytes:
    tags = Image.Exif()
    tags[0x010E] = "taken at " + _SECRET if gps else "a sheet"
    if gps:
        tags.get_ifd(0x8825).update({1: "N", 2: (47.0, 18.0, 25.6), 3: "E", 4: (10.0, 41.0, 29.2)})
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (number * 20, 80, 90)).save(out, "JPEG", exif=tags.tobytes())
    return out.getvalue()


def protect(node: Node, to: str = "0.1 degree", images: str = "sensitive") -> Node:
    text = node.layout.config.read_text().partition("\n[sensitive]")[0]
    node.layout.config.write_text(text + _RULES.format(to=to, images=images))
    (node.layout.root / "rare.txt").write_text("# the list\nFalconidae\n\n", encoding="utf-8")
    (node.layout.root / "synonyms.txt").write_text("Ophrys arachnites\tOphrys apifera\n", encoding="utf-8")
    return open_node(node.layout)


def table(path: Path, site: ScriptedSite, **changes: str) -> Path:
    place = changes.get("place", _SECRET)
    rows = [
        f"s1,1,Ophrys apifera Huds.,Austria,{place},47.30712,10.69145,1931-06-02,{site.url('/1.jpg')}",
        f"s2,2,OPHRYS ARACHNITES,Austria,{place} 2,47.30712,10.69145,1931-06-02,{site.url('/2.jpg')}",
        f"p3,3,Vicia cracca L.,Austria,Reutte,47.48,10.71,1931-06-02,{site.url('/3.jpg')}",
    ]
    path.write_text(
        _HEAD + "associatedMedia\n" + "".join(row + "\n" for row in rows[int(changes.get("skip", 0)) :])
    )
    return path


def track(vasculum: Vasculum, node: Node, path: Path, *more: str) -> Any:
    return vasculum("--node", node.layout.root, "track", path, "--allow-private", *more)


def rows(node: Node, query: str) -> list[dict[str, Any]]:
    with node.index() as index:
        return index.rows(query)


@pytest.fixture(scope="module")
def protected(site: ScriptedSite, tmp_path_factory: pytest.TempPathFactory) -> Node:
    """A node that tracked two sensitive specimens and another, to be read only."""
    folder = tmp_path_factory.mktemp("protected")
    node = protect(create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log"))
    path = table(folder / "t.csv", site)
    assert run(["--node", str(node.layout.root), "--quiet", "track", str(path), "--allow-private"]) == 0
    return node


_PUBLIC = "SELECT * FROM specimen WHERE access = 'public' AND current ORDER BY id"


def test_the_exact_row_is_withheld_and_a_less_exact_one_is_public(protected: Node) -> None:
    node = protected
    public = rows(node, _PUBLIC)
    assert [row["id"] for row in public] == ["p3", "s1", "s2"]
    for row in public[1:]:
        assert (row["decimalLatitude"], row["decimalLongitude"], row["country"]) == (
            "47.35",
            "10.65",
            "Austria",
        )
        assert (row["locality"], row["sourceRow"], row["eventDate"]) == (None, None, None)
    assert public[0]["locality"] == "Reutte"
    exact = rows(node, "SELECT * FROM specimen WHERE access = 'withheld' ORDER BY id")
    assert [row["locality"] for row in exact] == [_SECRET, f"{_SECRET} 2"]
    opening = opening_of(_columns(exact[0]), public[1], "specimen", node.commitment_secret)
    assert opens(Digest(public[1]["commitment"]), opening)
    archive = rows(node, "SELECT access FROM capture WHERE role IN ('list', 'archive')")
    assert archive == [{"access": "withheld"}], "whoever could fetch it would read the line"


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name not in ("log", "log_index", "row", "access", "current")}


def test_its_image_is_shown_without_the_place_where_it_was_taken(protected: Node, vasculum: Vasculum) -> None:
    node = protected
    original = Digest.of(photograph(1))
    [withheld] = rows(node, f"SELECT * FROM capture WHERE digest = unhex('{original.hex}')")
    assert withheld["access"] == "withheld"
    derivative = Digest(withheld["derivative"])
    [twin] = rows(node, f"SELECT * FROM capture WHERE digest = unhex('{derivative.hex}')")
    assert (twin["access"], twin["url"]) == ("public", derivative.uri)
    assert (twin["tdmReservation"], twin["robotsTag"]) == ("0", "noai")
    opening = derivation_opening(original, derivative, node.commitment_secret)
    assert opens(Digest(twin["wasDerivedFrom"]), opening)
    shown = node.store.read(derivative)
    assert _SECRET.encode() not in shown
    assert Image.open(io.BytesIO(shown)).tobytes() == Image.open(io.BytesIO(photograph(1))).tobytes()
    media = rows(node, "SELECT * FROM media WHERE access = 'public' AND id = 's1'")
    assert [row["accessURI"] for row in media] == [derivative.uri]
    cited = vasculum("--node", node.layout.root, "cite", derivative.hex)
    assert cited.code == 0
    assert "Ophrys apifera" in cited.out
    assert vasculum("--node", node.layout.root, "cite", original.hex).code == 1


@pytest.mark.slow
def test_nothing_is_written_again_when_nothing_changed(
    fresh: Node, site: ScriptedSite, vasculum: Vasculum, tmp_path: Path
) -> None:
    node = protect(fresh)
    path = table(tmp_path / "t.csv", site)
    track(vasculum, node, path)
    before = rows(node, "SELECT count(*) AS n FROM specimen")
    assert track(vasculum, node, path).code == 0
    path.write_text(path.read_text() + "\n")
    assert track(vasculum, node, path).code == 0
    assert rows(node, "SELECT count(*) AS n FROM specimen") == before
    assert len(rows(node, "SELECT 1 FROM media")) == 5


def test_a_change_and_a_removal_reach_both_rows(
    fresh: Node, site: ScriptedSite, vasculum: Vasculum, tmp_path: Path
) -> None:
    node = protect(fresh)
    track(vasculum, node, table(tmp_path / "t.csv", site), "--no-images")
    first = rows(node, _PUBLIC)[1]
    track(vasculum, node, table(tmp_path / "t.csv", site, place="Vordertal"), "--no-images")
    second = rows(node, _PUBLIC)[1]
    assert second["change"] == "changed"
    assert second["commitment"] != first["commitment"]
    assert second["decimalLatitude"] == first["decimalLatitude"]
    track(vasculum, node, table(tmp_path / "t.csv", site, skip="1"), "--no-images")
    assert [row["id"] for row in rows(node, _PUBLIC)] == ["p3", "s2"]
    current = rows(node, "SELECT id FROM specimen WHERE access = 'withheld' AND current")
    assert current == [{"id": "s2"}]


def test_a_taxon_that_leaves_the_list_keeps_its_country_alone(
    fresh: Node, site: ScriptedSite, vasculum: Vasculum, tmp_path: Path
) -> None:
    node = protect(fresh)
    path = table(tmp_path / "t.csv", site)
    track(vasculum, node, path, "--no-images")
    node.layout.config.write_text(node.layout.config.read_text().partition("\n[sensitive]")[0])
    track(vasculum, open_node(node.layout), path, "--no-images")
    shown = rows(node, _PUBLIC)
    assert [row["decimalLatitude"] for row in shown] == ["47.48", None, None]
    assert [row["country"] for row in shown] == ["Austria"] * 3


def test_a_list_that_comes_late_says_what_was_told_before(
    fresh: Node, site: ScriptedSite, vasculum: Vasculum, tmp_path: Path
) -> None:
    path = table(tmp_path / "t.csv", site)
    track(vasculum, fresh, path, "--no-images")
    node = protect(fresh)
    said = track(vasculum, node, path, "--no-images")
    assert "2 records that your settings withhold were published by an earlier crawl" in said.err
    assert "vasculum withdraw" in said.err


def test_withheld_means_that_no_public_row_says_anything(
    fresh: Node, site: ScriptedSite, vasculum: Vasculum, tmp_path: Path
) -> None:
    node = protect(fresh, to="withhold")
    track(vasculum, node, table(tmp_path / "t.csv", site), "--no-images")
    assert [row["id"] for row in rows(node, _PUBLIC)] == ["p3"]
    assert rows(node, "SELECT 1 FROM capture WHERE derivative IS NOT NULL") == []


def test_every_image_that_says_where_it_was_taken_is_cleaned_when_the_settings_ask_for_it(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    node = protect(fresh, images="all")
    folder = tmp_path / "photographs"
    folder.mkdir()
    (folder / "with.jpg").write_bytes(photograph(1))
    (folder / "without.jpg").write_bytes(photograph(2, gps=False))
    Image.new("RGB", (8, 8)).save(folder / "unknown.tif")
    for _ in range(2):
        assert track(vasculum, node, folder).code == 0
    found = {(row["url"], row["access"]) for row in rows(node, "SELECT url, access FROM capture")}
    assert found == {
        ("file:with.jpg", "withheld"),
        ("file:with.jpg", "public"),
        ("file:without.jpg", "public"),
        ("file:unknown.tif", "withheld"),
    }
    shown = rows(
        node, "SELECT DISTINCT digest FROM capture WHERE access = 'public' AND url = 'file:with.jpg'"
    )
    assert len(shown) == 1
    assert _SECRET.encode() not in node.store.read(Digest(shown[0]["digest"]))
    assert rows(node, "SELECT 1 FROM capture WHERE outcome = 'gone'") == []


def test_a_list_that_cannot_be_read_stops_everything(fresh: Node, vasculum: Vasculum, tmp_path: Path) -> None:
    node = protect(fresh)
    (node.layout.root / "rare.txt").unlink()
    said = track(vasculum, node, tmp_path)
    assert said.code == 1
    assert "rare.txt cannot be read" in said.err


def test_a_node_with_sensitive_specimens_verifies_deeply(protected: Node, vasculum: Vasculum) -> None:
    assert vasculum("--node", protected.layout.root, "verify", "--deep").code == 0
