from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from dwca.read import DwCAReader
from lxml import etree

from node.museum.archive import archive
from node.museum.catalogue import changes, specimens
from node.museum.eml import TITLE, citation
from node.museum.vocabulary import AC, DC, DCTERMS, DWC, XMP_RIGHTS

BASE = "http://127.0.0.1:8765"


def rows(version: int, directory: Path) -> dict[str, tuple[dict[str, str], list[dict[str, str]]]]:
    path = directory / f"archive-{version}.zip"
    path.write_bytes(archive(version, BASE))
    with DwCAReader(str(path)) as reader:
        return {
            row.data[DWC + "catalogNumber"]: (row.data, [extension.data for extension in row.extensions])
            for row in reader
        }


def test_the_same_version_and_address_give_the_same_bytes() -> None:
    assert archive(1, BASE) == archive(1, BASE)
    assert archive(1, BASE) != archive(2, BASE)
    assert archive(1, BASE) != archive(1, "http://127.0.0.1:9999")


def test_dwca_reader_reads_every_row_and_every_image(tmp_path: Path) -> None:
    read = rows(1, tmp_path)
    assert list(read) == [specimen.catalog_number for specimen in specimens(1)]
    assert sum(len(images) for _, images in read.values()) == 27


def test_values_arrive_as_the_catalogue_has_them(tmp_path: Path) -> None:
    read = rows(1, tmp_path)
    for specimen in specimens(1):
        data, images = read[specimen.catalog_number]
        assert data[DWC + "scientificName"] == specimen.full_name
        assert data[DWC + "recordedBy"] == specimen.facts["recordedBy"]
        assert data[DWC + "decimalLatitude"] == specimen.facts["latitude"]
        assert data[DWC + "locality"] == specimen.facts["locality"]
        for image in images:
            assert image[AC + "accessURI"] == f"{BASE}/media/{specimen.catalog_number}.jpg"


def test_an_image_has_a_licence_of_its_own(tmp_path: Path) -> None:
    data, (image,) = rows(1, tmp_path)["MDS00020101"]
    assert data[DCTERMS + "license"].endswith("/publicdomain/zero/1.0/legalcode")
    assert image[XMP_RIGHTS + "WebStatement"].endswith("/licenses/by-nc/4.0/")
    assert image[DC + "creator"] == "Noor Atelier"


def test_identifiers_outlive_the_version_and_only_what_changed_differs(tmp_path: Path) -> None:
    old, new = rows(1, tmp_path), rows(2, tmp_path)
    differing = {number for number in old.keys() & new.keys() if old[number] != new[number]}
    assert differing == set(changes().changed)
    for number in old.keys() & new.keys():
        assert old[number][0][DWC + "occurrenceID"] == new[number][0][DWC + "occurrenceID"]


def test_the_metadata_names_title_creators_licence_and_citation() -> None:
    with zipfile.ZipFile(BytesIO(archive(2, BASE))) as members:
        document = etree.fromstring(members.read("eml.xml"))
    assert document.findtext("dataset/title") == TITLE
    assert document.xpath("dataset/creator/individualName/surName/text()") == ["Drew", "Atelier"]
    assert document.findtext("dataset/licensed/identifier") == "CC0-1.0"
    assert document.findtext("additionalMetadata/metadata/gbif/citation") == citation(2)


def test_dates_in_the_zip_are_those_of_the_version() -> None:
    with zipfile.ZipFile(BytesIO(archive(1, BASE))) as members:
        assert members.namelist() == ["meta.xml", "eml.xml", "occurrence.txt", "multimedia.txt"]
        assert {entry.date_time[:3] for entry in members.infolist()} == {(2024, 3, 4)}
