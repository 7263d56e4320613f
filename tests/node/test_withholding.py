"""What is withheld leaves no trace in anything that travels: segments, statements, log, citations, graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from hashstore.digest import Digest
from manifests.access import AccessClass
from manifests.tables import CAPTURE
from node.cli.main import run
from node.compose import Node, open_node
from node.create import create_node
from node.journal import CrawlState, Phase, Planned
from node.layout import Layout
from node.museum import Museum
from node.museum.addresses import image_path
from node.museum.catalogue import Picture, Specimen, specimens
from node.museum.records import occurrence_id
from node.museum.web import faults
from provenance.log.leaf import SegmentLeaf, StatementLeaf, decode_leaf

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum

_REMOVED, _CHANGED, _REPHOTOGRAPHED = "MDS00010415", "MDS00010413", "MDS00010405"
_ORIGINAL, _COPY = "MDS00010404", "MDS00010418"  # two records, one picture; only the first is withheld
_RULES = f"""
[[policy.withhold]]
column = "collectionCode"
values = ["ent"]
[[policy.withhold]]
column = "catalogNumber"
values = ["{_REMOVED}", "{_CHANGED}", "{_REPHOTOGRAPHED}", "{_ORIGINAL}"]
"""


def _is_withheld(specimen: Specimen) -> bool:
    named = {_REMOVED, _CHANGED, _REPHOTOGRAPHED, _ORIGINAL}
    return specimen.collection == "ENT" or specimen.catalog_number in named


@dataclass(frozen=True)
class Guarded:
    """A node that withheld part of a museum in two crawls, and what must not leave it."""

    node: Node
    texts: frozenset[str]
    blobs: frozenset[Digest]
    public_blobs: frozenset[Digest]
    archives: frozenset[Digest]

    def leaks(self, text: str) -> set[str]:
        """The secrets that stand in a text."""
        return {secret for secret in self.texts if secret in text}


def guarded_node(root: Path) -> Node:
    """A node whose operator withholds some of the museum."""
    create_node(Layout(root), "Guarded Herbarium", "guarded.test/log")
    with (root / "node.toml").open("a") as file:
        file.write(_RULES)
    return open_node(Layout(root))


@pytest.fixture(scope="module")
def guarded(drawings_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    node = guarded_node(tmp_path_factory.mktemp("guarded") / "node")
    blobs: set[Digest] = set()
    public: set[Digest] = set()
    archives: set[Digest] = set()
    with Museum(drawings_directory) as museum:
        for version in (1, 2):
            assert run(["--node", str(node.layout.root), "--quiet", "track", museum.archive_url]) == 3
            for specimen in specimens(version):
                resource = museum.resources.get(image_path(specimen.catalog_number))
                if resource and specimen.picture in (Picture.DRAWN, Picture.COPY):
                    (blobs if _is_withheld(specimen) else public).add(Digest.of(resource.body))
            archives.add(Digest.of(museum.resources["/archives/mds-drawn-specimens.zip"].body))
            if version == 1:
                museum.advance()
    secret = {s.catalog_number: s for version in (1, 2) for s in specimens(version) if _is_withheld(s)}
    secret.pop(_ORIGINAL)  # the public record that shares its picture names it
    texts = {*secret, *(specimen.facts["scientificName"] for specimen in secret.values())}
    texts |= {occurrence_id(number).removeprefix("urn:uuid:") for number in secret}
    texts |= {digest.hex for digest in blobs}
    return Guarded(node, frozenset(texts), frozenset(blobs), frozenset(public - blobs), frozenset(archives))


def _segments(node: Node, access: AccessClass) -> Iterator[tuple[SegmentLeaf, list[dict[str, Any]]]]:
    for leaf in map(decode_leaf, node.reader.leaves()):
        if isinstance(leaf, SegmentLeaf) and leaf.access is access:
            yield leaf, pq.read_table(node.store.path(leaf.segment)).to_pylist()


def _cells(rows: list[dict[str, Any]]) -> Iterator[str]:
    for row in rows:
        for value in row.values():
            yield value.hex() if isinstance(value, bytes) else str(value)


def test_public_segments_hold_no_withheld_value(guarded: Guarded) -> None:
    seen = set()
    for leaf, rows in _segments(guarded.node, AccessClass.PUBLIC):
        seen.add(leaf.table)
        assert guarded.leaks("\n".join(_cells(rows))) == set(), leaf.table
        data = guarded.node.store.read(leaf.segment)
        assert not {digest.hex for digest in guarded.blobs if digest.raw in data}, (
            "not in the file's statistics"
        )
    assert seen == {"capture", "media", "specimen"}


def test_whatever_hangs_on_a_withheld_specimen_is_in_withheld_segments(guarded: Guarded) -> None:
    rows: dict[str, list[dict[str, Any]]] = {}
    for leaf, found in _segments(guarded.node, AccessClass.WITHHELD):
        rows.setdefault(leaf.table, []).extend(found)
    assert {row["catalogNumber"] for row in rows["specimen"]} == {
        s.catalog_number for v in (1, 2) for s in specimens(v) if _is_withheld(s)
    }
    assert {row["id"] for row in rows["media"]} <= {row["id"] for row in rows["specimen"]}
    captured = {Digest(row["digest"]) for row in rows["capture"] if row["digest"]}
    assert captured == guarded.blobs | guarded.archives


def test_every_withheld_row_has_a_salt_of_its_own_and_no_public_row_has_one(guarded: Guarded) -> None:
    salts = [row["salt"] for _, rows in _segments(guarded.node, AccessClass.WITHHELD) for row in rows]
    assert len(set(salts)) == len(salts)
    assert all(len(salt) == 32 for salt in salts)
    public = [row["salt"] for _, rows in _segments(guarded.node, AccessClass.PUBLIC) for row in rows]
    assert set(public) == {None}


def test_the_change_and_the_removal_of_a_withheld_row_are_withheld(guarded: Guarded) -> None:
    told = {
        (row["catalogNumber"], row["change"])
        for leaf, rows in _segments(guarded.node, AccessClass.WITHHELD)
        if leaf.table == "specimen"
        for row in rows
    }
    assert {(_REMOVED, "added"), (_REMOVED, "removed"), (_CHANGED, "added"), (_CHANGED, "changed")} <= told


def test_the_same_picture_under_a_public_record_is_withheld_with_the_other(guarded: Guarded) -> None:
    with guarded.node.index() as index:
        rows = index.rows("SELECT access FROM capture WHERE url LIKE ?", [f"%{_COPY}.jpg"])
        assert {row["access"] for row in rows} == {"withheld"}
        assert index.one("SELECT access FROM media WHERE accessURI LIKE ?", [f"%{_COPY}.jpg"]) == {
            "access": "public"
        }


def test_statements_and_log_tell_nothing_of_what_is_withheld(guarded: Guarded) -> None:
    for leaf in map(decode_leaf, guarded.node.reader.leaves()):
        if isinstance(leaf, StatementLeaf):
            text = guarded.node.store.read(leaf.statement).decode()
            assert guarded.leaks(text) == set()
            assert not [digest for digest in guarded.archives if digest.hex in text]
    for path in guarded.node.layout.log.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert guarded.leaks(data.decode("latin-1")) == set()
            assert not [digest for digest in guarded.blobs if digest.raw in data]


def _withheld_identifiers(guarded: Guarded) -> Iterator[str]:
    yield from (digest.uri for digest in sorted(guarded.blobs | guarded.archives))
    for leaf, rows in _segments(guarded.node, AccessClass.WITHHELD):
        yield f"{leaf.segment}#row=1"
        yield f"{leaf.segment}#row={len(rows)}"
        yield leaf.segment.uri
        if leaf.table == "specimen":
            yield rows[0]["sourceRow"]
    yield min(guarded.blobs).hex[:12]


def test_nothing_withheld_is_ever_cited(guarded: Guarded, vasculum: Vasculum, tmp_path: Path) -> None:
    for number, identifier in enumerate(_withheld_identifiers(guarded)):
        form = ("text", "bundle")[number % 2]  # what is withheld is found out before there is a form
        out = tmp_path / "citation"
        said = vasculum(
            "--node", guarded.node.layout.root, "cite", identifier, "--format", form, "--output", out
        )
        assert (said.code, said.out) == (1, ""), identifier
        assert "withheld" in said.err
        assert not out.exists()


def test_the_operator_sees_what_is_withheld_from_others(guarded: Guarded, vasculum: Vasculum) -> None:
    root, secret = guarded.node.layout.root, min(guarded.blobs)
    assert vasculum("--node", root, "--json", "show", secret.hex).summary["access"] == "withheld"
    assert vasculum("--node", root, "cat", secret.hex).code == 0
    assert vasculum("--node", root, "--json", "history", secret.hex).of("origin")


@pytest.mark.parametrize("form", ["jsonld", "nquads", "turtle"])
def test_no_graph_tells_anything_of_what_is_withheld(guarded: Guarded, vasculum: Vasculum, form: str) -> None:
    some = [*sorted(guarded.blobs)[:2], *sorted(guarded.public_blobs)[:2], *guarded.archives]
    for digest in some:
        said = vasculum("--node", guarded.node.layout.root, "history", digest.hex, "--graph", form)
        assert said.code == 0
        leaks = guarded.leaks(said.out) - {digest.hex}
        assert leaks == set()


def test_citations_of_public_things_tell_nothing_of_others(guarded: Guarded, vasculum: Vasculum) -> None:
    for digest in sorted(guarded.public_blobs)[:6]:
        said = vasculum("--node", guarded.node.layout.root, "cite", digest.hex, "--format", "bundle")
        assert said.code == 0
        assert guarded.leaks(said.out) == set()
    whole = vasculum("--node", guarded.node.layout.root, "cite", "--format", "bundle")
    assert whole.code == 0
    assert guarded.leaks(whole.out) == set()


def test_a_node_that_withholds_verifies_deeply(guarded: Guarded, vasculum: Vasculum) -> None:
    assert vasculum("--node", guarded.node.layout.root, "verify", "--deep").code == 0


_TABLE = "occurrenceID,catalogNumber,collectionCode,country,associatedMedia\n"


def _table(path: Path, *rows: str) -> Path:
    path.write_text(_TABLE + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def _withhold(
    node: Node, rules: str = '[[policy.withhold]]\ncolumn = "collectionCode"\nvalues = ["RARE"]\n'
) -> None:
    text = node.layout.config.read_text().partition("# Specimens that must")[0]
    node.layout.config.write_text(text + rules)


def _access(node: Node, table: str, column: str) -> dict[str, str]:
    with node.index() as index:
        return {
            row["what"]: row["access"] for row in index.rows(f"SELECT {column} AS what, access FROM {table}")
        }


def _track(vasculum: Vasculum, node: Node, source: object) -> int:
    return vasculum("--node", node.layout.root, "track", source, "--allow-private").code


def test_a_record_without_an_id_takes_its_media_along(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    _withhold(fresh)
    path = tmp_path / "records.csv"
    secret, public = museum.image_url("MDS00010401"), museum.image_url("MDS00010402")
    path.write_text(
        "catalogNumber,collectionCode,scientificName,associatedMedia\n"
        f"1,RARE,Rara avis,{secret}\n2,COMMON,Passer domesticus,{public}\n"
    )
    assert _track(vasculum, fresh, path) == 0
    assert _access(fresh, "specimen", "catalogNumber") == {"1": "withheld", "2": "public"}
    assert _access(fresh, "media", "accessURI") == {secret: "withheld", public: "public"}
    captures = _access(fresh, "capture", "url")
    assert (captures[secret], captures[public]) == ("withheld", "public")


def test_an_address_under_a_public_and_a_withheld_record_is_withheld(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    _withhold(fresh)
    url = museum.image_url("MDS00010401")
    table = _table(tmp_path / "t.csv", f"a,1,COMMON,,{url}", f"b,2,RARE,,{url}")
    assert _track(vasculum, fresh, table) == 0
    assert _access(fresh, "capture", "url")[url] == "withheld"


def test_bytes_that_another_source_withholds_are_withheld_here_too(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    _withhold(fresh)
    same, copy = museum.image_url(_ORIGINAL), museum.image_url(_COPY)
    assert _track(vasculum, fresh, _table(tmp_path / "a.csv", f"a,1,RARE,,{same}")) == 0
    assert _track(vasculum, fresh, _table(tmp_path / "b.csv", f"b,2,COMMON,,{copy}")) == 0
    assert _access(fresh, "capture", "url")[copy] == "withheld"


def test_a_rule_that_comes_late_withholds_from_then_on_and_says_so(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path
) -> None:
    url = museum.image_url("MDS00010401")
    table = _table(tmp_path / "t.csv", f"a,1,RARE,,{url}")
    assert _track(vasculum, fresh, table) == 0
    assert vasculum("--node", fresh.layout.root, "cite", museum_digest(museum, "MDS00010401").hex).code == 0
    _withhold(fresh)
    said = vasculum("--node", fresh.layout.root, "track", table, "--allow-private")
    assert said.code == 0
    assert "1 records that your settings withhold were published by an earlier crawl" in said.err
    assert _access(fresh, "capture", "url")[url] == "withheld"
    refused = vasculum("--node", fresh.layout.root, "cite", museum_digest(museum, "MDS00010401").hex)
    assert refused.code == 1


@pytest.mark.parametrize(
    "change",
    [
        "rule lifted",
        *(
            pytest.param(f"record {how}", marks=pytest.mark.slow)
            for how in ("reassigned", "removed and back")
        ),
    ],
)
def test_what_was_withheld_once_stays_so(
    fresh: Node, museum: Museum, vasculum: Vasculum, tmp_path: Path, change: str
) -> None:
    _withhold(fresh)
    url, path = museum.image_url("MDS00010401"), tmp_path / "t.csv"
    other = "z,9,COMMON,,"
    assert _track(vasculum, fresh, _table(path, f"a,1,RARE,Norway,{url}", other)) == 0
    if change == "rule lifted":
        _withhold(fresh, "")
        _table(path, f"a,1,RARE,Sweden,{url}", other)
    elif change == "record reassigned":
        _table(path, f"a,1,COMMON,Norway,{url}", other)
    else:
        assert _track(vasculum, fresh, _table(path, other)) == 0
        _table(path, f"a,1,COMMON,Norway,{url}", other)
    assert _track(vasculum, open_node(fresh.layout), path) == 0
    with fresh.index() as index:
        for table, column, value in (("specimen", "id", "a"), ("media", "id", "a"), ("capture", "url", url)):
            rows = index.rows(f"SELECT DISTINCT access FROM {table} WHERE {column} = ?", [value])
            assert rows == [{"access": "withheld"}], table
        assert index.rows("SELECT DISTINCT access FROM specimen WHERE id = 'z'") == [{"access": "public"}]


def test_an_archive_that_fails_after_it_was_withheld_is_not_named_by_its_last_known_bytes(
    guarded: Guarded, drawings_directory: Path, tmp_path: Path, vasculum: Vasculum
) -> None:
    node = guarded_node(tmp_path / "node")
    with Museum(drawings_directory) as museum:
        said = vasculum("--node", node.layout.root, "track", museum.archive_url, "--no-images")
        assert said.code == 0
        museum.trouble(museum.archive_url, faults.status(404))
        assert vasculum("--node", node.layout.root, "track", museum.archive_url, "--no-images").code == 1
    with node.index() as index:
        rows = index.rows("SELECT access, outcome FROM capture WHERE lastKnown IS NOT NULL")
    assert rows
    assert {row["access"] for row in rows} == {"withheld"}


def test_a_quarantined_line_tells_where_and_why_but_nothing_of_what_stands_there(
    fresh: Node, vasculum: Vasculum, tmp_path: Path
) -> None:
    _withhold(fresh)
    path = tmp_path / "t.csv"
    path.write_text(_TABLE + 'a,1,RARE,"Secretland,\nb,2,COMMON,Norway,\n')
    vasculum("--node", fresh.layout.root, "track", path)
    found = [rows for leaf, rows in _segments(fresh, AccessClass.PUBLIC) if leaf.table == "quarantine"]
    assert found
    for cell in _cells(found[0]):
        assert "Secretland" not in cell
        assert "RARE" not in cell


def test_captures_that_were_made_before_a_rule_came_are_withheld_when_the_crawl_goes_on(fresh: Node) -> None:
    with fresh.writing() as journal:
        journal.begin(CrawlState("urn:uuid:1", "x", "{}", "2026", Phase.GATHERING))
        digest = Digest.of(b"picture").raw
        nothing: dict[str, Any] = dict.fromkeys(CAPTURE.names)
        journal.plan("urn:uuid:1", [Planned("u", "s")])
        for url, names in (
            ("u", "digest"),
            ("same", "digest"),
            ("later", "revisionOf"),
            ("kept", "lastKnown"),
        ):
            journal.record("urn:uuid:1", [({**nothing, "url": url, "role": "image", names: digest}, False)])
        journal.record("urn:uuid:1", [({**nothing, "url": "other", "role": "image"}, False)])
        journal.plan("urn:uuid:1", [Planned("u", "s", withheld=True)])
        journal.spread_withheld("urn:uuid:1")
        assert [row["url"] for row in journal.captures("urn:uuid:1", withheld=False)] == ["other"]


def test_an_archive_that_could_not_be_read_is_withheld_since_no_rule_could_be_asked(
    fresh: Node, tmp_path: Path, vasculum: Vasculum, drawings_directory: Path
) -> None:
    _withhold(fresh)
    broken = tmp_path / "dwca.zip"
    with Museum(drawings_directory) as museum:
        broken.write_bytes(museum.resources["/archives/mds-drawn-specimens.zip"].body[:2000])
    assert vasculum("--node", fresh.layout.root, "track", broken).code == 1
    with fresh.index() as index:
        rows = index.rows("SELECT access FROM capture WHERE digest IS NOT NULL")
    assert rows == [{"access": "withheld"}]


def museum_digest(museum: Museum, number: str) -> Digest:
    """What the museum serves as the picture of a specimen."""
    return Digest.of(museum.resources[image_path(number)].body)
