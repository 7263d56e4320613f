"""A Darwin Core Archive of a dataset: others read it, and tracking it gives the rows that it was made of."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from dwca.read import DwCAReader

from manifests.export.darwin_core import published
from manifests.row_uri import RowUri
from manifests.tables import TABLES
from node.compose import Node
from node.datasets.known import find_dataset, members_of_dataset
from node.export.material import NodeMaterial
from node.look.history import rows_of

if TYPE_CHECKING:
    from tests.node.conftest import Vasculum
    from tests.node.export.conftest import House

AC_MULTIMEDIA = "http://rs.tdwg.org/ac/terms/Multimedia"
DWC = "http://rs.tdwg.org/dwc/terms/"


@pytest.fixture(scope="module", params=["archive", "archive.zip"])
def archive(
    house_once: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Path:
    from node.cli.main import run

    place: Path = tmp_path_factory.mktemp("archive") / request.param
    command = [
        "--node",
        str(house_once),
        "--quiet",
        "dataset",
        "export",
        "Drawn specimens",
        "--format",
        "dwca",
    ]
    assert run([*command, "--to", str(place)]) == 0
    return place


def _told(table: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a publisher said in a row: every published column, and what had none."""
    columns = [row.get(name) for name, _ in published(TABLES[table])]
    return (*columns, json.loads(row.get("verbatim") or "{}"))


def _material(house: House) -> NodeMaterial:
    with house.node.index() as index:
        return NodeMaterial(house.node, find_dataset(house.node, index, house.dataset.hex))


def _ours(house: House, table: str) -> Iterator[tuple[Any, ...]]:
    material = _material(house)
    members = list(material.members())
    uris = {member.specimen if table == "specimen" else member.media for member in members}
    return (_told(table, row) for row in material.rows(sorted(uri for uri in uris if uri)).values())


@pytest.mark.parametrize("table", ["specimen", "media"])
def test_tracking_the_archive_gives_the_rows_that_it_was_made_of(
    house: House, archive: Path, fresh: Node, vasculum: Vasculum, table: str
) -> None:
    said = vasculum("--node", fresh.layout.root, "--json", "track", archive, "--no-images")
    assert said.code == 0, said.err
    assert said.summary["quarantined"] == 0
    with fresh.index() as index:
        theirs = [_told(table, row) for row in rows_of(index, table, "t.current", [])]
    ours = list(_ours(house, table))
    assert len(ours) > 5
    assert sorted(theirs, key=repr) == sorted(ours, key=repr)


def test_each_image_is_told_with_its_digest(
    house: House, archive: Path, fresh: Node, vasculum: Vasculum
) -> None:
    vasculum("--node", fresh.layout.root, "track", archive, "--no-images")
    with fresh.index() as index:
        told = [json.loads(row["verbatim"]) for row in rows_of(index, "record", "t.current", [])]
    digests = {row["https://w3id.org/vasculum/ns#digest"] for row in told}
    assert digests == {digest.uri for digest in house.members}


def test_python_dwca_reader_reads_specimens_with_their_media(house: House, archive: Path) -> None:
    with house.node.index() as index:
        known = find_dataset(house.node, index, house.dataset.hex)
    shown = {member.specimen for member in members_of_dataset(house.node, known) if member.specimen}
    with DwCAReader(str(archive)) as reader:
        assert reader.metadata is not None
        rows = list(reader)
        assert {row.id for row in rows} == shown
        for row in rows:
            assert str(RowUri.parse(row.id)) == row.id
            assert row.data[f"{DWC}basisOfRecord"]
            kinds = {extension.rowtype for extension in row.extensions}
            assert AC_MULTIMEDIA in kinds
