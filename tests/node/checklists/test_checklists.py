"""From a tracked archive of taxa to records under synonyms, on every node alike."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hashstore.digest import Digest
from manifests.checklist import Checklist, names_below
from node.checklists.make import make_checklist
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.layout import Layout
from node.track.place import place_of

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_DWC = "http://rs.tdwg.org/dwc/terms/"
_META = """<archive xmlns="http://rs.tdwg.org/dwc/text/"><core rowType="{kind}" fieldsTerminatedBy="\\t"
 ignoreHeaderLines="1"><files><location>core.txt</location></files><id index="0"/>{fields}</core></archive>"""
_TAXA = ("taxonID", "scientificName", "acceptedNameUsageID", "parentNameUsageID")
_OAKS = (
    ("1", "Fagaceae Dumort.", "", "2"),  # below what is below it
    ("2", "Quercus L.", "", "1"),
    ("3", "Quercus robur L.", "", "2"),
    ("4", "Robur europaeum Kunth", "3", ""),
    ("5", "Lithocarpus Blume", "", "missing"),
    ("5", "Lithocarpus again", "", ""),
    ("6", "", "", "2"),
)
_SPECIMENS = ("occurrenceID", "scientificName", "basisOfRecord")
_FOUND = (
    ("a", "Quercus robur L.", "PreservedSpecimen"),
    ("b", "Robur europaeum", "PreservedSpecimen"),
    ("c", "Lithocarpus densiflorus", "PreservedSpecimen"),
)


def archive(path: Path, kind: str, terms: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Path:
    fields = "".join(f'<field index="{place}" term="{_DWC}{term}"/>' for place, term in enumerate(terms))
    lines = ["\t".join(row) for row in (terms, *rows)]
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("meta.xml", _META.format(kind=_DWC + kind, fields=fields))
        packed.writestr("core.txt", "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two archives, and a node that tracked them."""
    folder = tmp_path_factory.mktemp("checklists")
    create_node(Layout(folder / "node"), "Test Herbarium", "herbarium.test/log")
    for path in (
        archive(folder / "oaks.zip", "Taxon", _TAXA, _OAKS),
        archive(folder / "herbarium.zip", "Occurrence", _SPECIMENS, _FOUND),
    ):
        assert run(["--node", str(folder / "node"), "--quiet", "track", "--no-images", str(path)]) == 0
    return folder


@pytest.fixture
def node(folder: Path, tmp_path: Path) -> Node:
    """A copy of that node, for who changes its settings."""
    shutil.copytree(folder / "node", tmp_path / "copy")
    return open_node(Layout(tmp_path / "copy"))


@pytest.fixture(scope="module")
def shared(folder: Path) -> Node:
    """That node, whose settings stay as they are."""
    return open_node(Layout(folder / "node"))


def made(node: Node, vasculum: Vasculum) -> Any:
    listed = vasculum("--node", node.layout.root, "--json", "checklist").of("source")
    assert [one["names"] for one in listed] == [7]
    said = vasculum("--node", node.layout.root, "--json", "checklist", listed[0]["source"])
    assert said.code == 0, said.err
    return said.summary


def choose(node: Node, digest: str) -> None:
    config = node.layout.config
    config.write_text(config.read_text() + f'\n[search]\nchecklist = "{digest}"\n')


def names(said: Any) -> list[str]:
    return sorted(record["scientificName"] for record in said.of("record"))


def test_synonyms_are_found_by_the_checklist_that_is_named(node: Node, vasculum: Vasculum) -> None:
    told = made(node, vasculum)
    assert {key: told[key] for key in ("names", "synonyms", "leftOut", "repeated", "dangling")} == {
        "names": 5, "synonyms": 1, "leftOut": 1, "repeated": 1, "dangling": 1,
    }  # fmt: skip
    home = ("--node", node.layout.root, "--json", "search")
    assert names(vasculum(*home, "taxon:Quercus")) == ["Quercus robur L."]
    asked = vasculum(*home, f"taxon:below(Quercus, {told['checklist']})")
    assert names(asked) == ["Quercus robur L.", "Robur europaeum"]
    choose(node, told["checklist"])
    for text in ("taxon:Quercus", "taxon:(Fagaceae, Betula)", "NOT taxon:Lithocarpus"):
        assert names(vasculum(*home, text)) == ["Quercus robur L.", "Robur europaeum"]
    assert names(vasculum(*home, "taxon:Densiflorus")) == []


def test_a_slice_names_the_checklist_that_it_was_made_by(node: Node, vasculum: Vasculum) -> None:
    digest = made(node, vasculum)["checklist"]
    choose(node, digest)
    home = ("--node", node.layout.root, "--json", "slice")
    assert vasculum(*home, "create", "Oaks", "--filter", "taxon:Quercus").code == 0
    shown = vasculum(*home, "show", "Oaks", "--check")
    assert shown.code == 0, shown.err
    assert digest in shown.out
    assert "below" in shown.out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("taxon:below(Betula, {digest})", "no taxon 'Betula'"),
        ("taxon:below(Quercus, hash://sha256/" + "0" * 64 + ")", "vasculum fetch"),
        ("taxon:below(Quercus, {config})", "header of a checklist"),
        ("taxon:below(Quercus)", "line 1, column 7: what lies below"),
        ("taxon:below(Quercus, sha256)", "no digest of a checklist"),
        ("family:below(Quercus, {digest})", "line 1"),
    ],
)
def test_a_checklist_that_cannot_answer_is_told_of(
    shared: Node, vasculum: Vasculum, tmp_path: Path, text: str, words: str
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("no checklist")
    assert vasculum("--node", shared.layout.root, "add", other).code == 0
    digests = {"digest": made(shared, vasculum)["checklist"], "config": Digest.of(other.read_bytes()).uri}
    said = vasculum("--node", shared.layout.root, "search", text.format(**digests))
    assert said.code == (1 if words == "vasculum fetch" else 2), (
        "only what could be brought is no usage error"
    )
    assert words in said.err


def test_a_source_without_taxa_is_refused_with_those_that_have(
    shared: Node, folder: Path, vasculum: Vasculum
) -> None:
    said = vasculum("--node", shared.layout.root, "checklist", folder / "herbarium.zip")
    assert said.code == 1
    assert "Sources of taxa are: urn:uuid:" in said.err
    assert vasculum("--node", shared.layout.root, "checklist", folder / "oaks.zip").code == 0


@pytest.mark.slow
def test_real_checklists_hold_together(shared_data: Path, tmp_path: Path) -> None:
    """3,248 whales and their kin out of GBIF's own tests, 32,466 centipedes and millipedes of Myriatrix."""
    node = create_node(Layout(tmp_path / "node"), "Herbarium", "herbarium.test/log")
    whales = shared_data / "dwca/gbif+dwca-io/src/test/resources/archive-dwc"
    many = tmp_path / "myriatrix"
    with tarfile.open(shared_data / "dwca/gnames+dwca/pkg/testdata/myriatrix.tar.gz") as packed:
        packed.extractall(many, filter="data")
    lists = []
    for folder in (whales, many):
        assert run(["--node", str(node.layout.root), "--quiet", "track", "--no-images", str(folder)]) in (
            0,
            3,
        )
        with node.index() as index:
            source = place_of(str(folder), node.config.identity.origin).source
            lists.append(Checklist.parse(make_checklist(index, source, lambda count: None).data))
    sea, land = lists
    assert "delphinus inia" in names_below(sea, "Inia d'Orbigny")
    assert set(names_below(sea, "Inia")) <= set(names_below(sea, "Odontoceti"))
    assert names_below(land, "Lithobius forficatus") == ("lithobius forficatus",)
    assert "scolopendra" in names_below(land, "Chilopoda")
    assert "scolopendra" not in names_below(land, "Diplopoda")
