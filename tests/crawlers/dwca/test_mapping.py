"""What lands where: columns, verbatim, defaults, flags, media out of associatedMedia; by either reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from crawlers.dwca import ArchiveRefused, convert_archive
from crawlers.dwca.report import report_from_json, report_to_json
from crawlers.eml import parse_eml
from hashstore.digest import Digest
from manifests.source_row import SourceRow
from manifests.tables import MEDIA, QUARANTINE, RECORD, SPECIMEN

both = pytest.mark.parametrize("fast", [True, False], ids=["fast", "careful"])


def verbatim(row: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = json.loads(row["verbatim"])
    return found


@both
def test_a_term_with_a_column_lands_in_it_and_the_rest_in_verbatim(
    fast: bool, occurrences: Callable[..., Any], drawn: Any
) -> None:
    done = occurrences(b'1\tB 1\tRosa "x"\t\tback\\slash, "quoted"\n', fast=fast)
    (row,) = done.rows("specimen")
    address = f"line:zip:{done.digest.uri}!/occurrence.txt!/L2"
    assert row == {
        "source": "museum",
        "sourceRow": address,
        "file": "occurrence.txt",
        "id": "1",
        "occurrenceID": "B 1",
        "catalogNumber": 'Rosa "x"',
        "associatedMedia": 'back\\slash, "quoted"',
        "change": "added",
        "flags": '["missingFields"]',
    }
    assert SourceRow.parse(address).first == 2


@both
def test_verbatim_is_the_canonical_json_of_what_has_no_column(
    fast: bool, convert: Callable[..., Any], drawn: Any
) -> None:
    terms = [drawn.dwc + "ü", drawn.dwc + "fieldNotes", None, "https://example.org/ns#b"]
    core = drawn.part("core", "o.txt", drawn.dwc + "Occurrence", terms)
    table = 'id\tu\tnotes\tMy column\tb\n1\té\t\\ and "\tm\tB\n2\t\t\t\t\n'
    done = convert({"meta.xml": drawn.meta(core), "o.txt": table.encode()}, fast=fast)
    first, second = done.rows("specimen")
    assert first["verbatim"] == (
        '{"My column":"m","http://rs.tdwg.org/dwc/terms/fieldNotes":"\\\\ and \\"",'
        '"http://rs.tdwg.org/dwc/terms/ü":"é","https://example.org/ns#b":"B"}'
    )
    assert "verbatim" not in second


@both
def test_staged_files_have_exactly_the_columns_of_their_schemas(
    fast: bool, occurrences: Callable[..., Any]
) -> None:
    done = occurrences(b"1\tB 1\tRosa\t\thttp://a.org/1.jpg\tx\n", fast=fast)
    for table in (SPECIMEN, MEDIA, RECORD, QUARANTINE):
        assert pq.read_schema(done.out / f"{table.name}.parquet").remove_metadata().equals(table.arrow)


@both
def test_a_default_stands_in_for_an_empty_field_and_for_a_field_without_column(
    fast: bool, convert: Callable[..., Any], drawn: Any
) -> None:
    defaults = (
        f'<field term="{drawn.dwc}country" default="Peru"/>'
        f'<field index="2" term="{drawn.dwc}sex" default="unknown"/>'
        f'<field term="{drawn.dwc}rank" default="r"/>'
    )
    core = drawn.part("core", "o.txt", drawn.dwc + "Occurrence", [drawn.dwc + "year"], defaults=defaults)
    done = convert({"meta.xml": drawn.meta(core), "o.txt": b"id\ty\ts\n1\t1900\t\n2\t\tmale\n"}, fast=fast)
    first, second = done.rows("specimen")
    assert (first["country"], first["sex"], first["year"]) == ("Peru", "unknown", "1900")
    assert (second["sex"], "year" in second) == ("male", False)
    assert verbatim(first) == {drawn.dwc + "rank": "r"}


@both
def test_two_terms_for_one_column_keep_both_values(
    fast: bool, convert: Callable[..., Any], drawn: Any
) -> None:
    terms = ["http://purl.org/dc/elements/1.1/rights", drawn.dcterms + "rights"]
    core = drawn.part("core", "o.txt", drawn.dwc + "Occurrence", terms)
    done = convert({"meta.xml": drawn.meta(core), "o.txt": b"id\ta\tb\n1\told\tnew\n"}, fast=fast)
    (row,) = done.rows("specimen")
    assert row["rights"] == "new"
    assert verbatim(row) == {"http://purl.org/dc/elements/1.1/rights": "old"}


@both
def test_controls_in_values_become_spaces_and_are_flagged(
    fast: bool, convert: Callable[..., Any], drawn: Any
) -> None:
    attributes = 'encoding="UTF-8" fieldsTerminatedBy="," fieldsEnclosedBy="&quot;" ignoreHeaderLines="1"'
    core = drawn.part("core", "o.csv", drawn.dwc + "Occurrence", [drawn.dwc + "locality"], attributes)
    table = b'id,locality\n1,"two\r\nlines"\n2,nul\x00\x1fs\n3,plain\n'
    done = convert({"meta.xml": drawn.meta(core), "o.csv": table}, fast=fast)
    rows = done.rows("specimen")
    assert [row["locality"] for row in rows] == ["two  lines", "nul  s", "plain"]
    assert [row.get("flags") for row in rows] == ['["controlCharacter"]'] * 2 + [None]
    assert [row["sourceRow"].rpartition("!/")[2] for row in rows] == ["L2-L3", "L4", "L5"]


def test_fields_beyond_the_header_are_kept_by_their_column(occurrences: Callable[..., Any]) -> None:
    done = occurrences(b"1\ta\tb\tc\td\te\tf\t\tg\n", b"2\ta\tb\tc\td\te\t\t\n", b"3\ta\n")
    first, second, third = done.rows("specimen")
    assert (verbatim(first)["column:7"], verbatim(first)["column:9"]) == ("f", "g")
    assert first["flags"] == '["fieldsBeyondHeader"]'
    assert "flags" not in second
    assert third["flags"] == '["missingFields"]'
    assert done.report.rows == {"occurrence.txt": 3}


@both
def test_duplicated_and_missing_ids_land_flagged(fast: bool, occurrences: Callable[..., Any]) -> None:
    records = [b"%s\ta\tb\tc\td\te\n" % key for key in (b"1", b"2", b"", b"1")]
    done = occurrences(*records, fast=fast)
    assert [row.get("flags") for row in done.rows("specimen")] == [
        '["duplicateId"]',
        None,
        '["missingId"]',
        '["duplicateId"]',
    ]
    assert done.report.flags == {"associatedMedia": 4, "duplicateId": 2, "missingId": 1}


@both
def test_rows_whose_core_record_is_missing_land_flagged_in_their_order(
    fast: bool, convert: Callable[..., Any], drawn: Any
) -> None:
    media = drawn.part(
        "extension", "m.txt", "http://rs.gbif.org/terms/1.0/Multimedia", [drawn.dcterms + "identifier"]
    )
    rows = b"".join(b"%d\thttp://a.org/%d\n" % (i % 3, i) for i in range(9))
    done = convert(
        {
            "meta.xml": drawn.meta(drawn.core, media),
            "occurrence.txt": drawn.header + b"0\t\t\t\t\t\n1\t\t\t\t\t\n",
            "m.txt": b"coreid\tidentifier\n" + rows,
        },
        fast=fast,
    )
    found = done.rows("media")
    assert [row["identifier"] for row in found] == [f"http://a.org/{i}" for i in range(9)]
    assert [row.get("flags") for row in found] == [None, None, '["orphan"]'] * 3


@both
def test_each_value_of_associated_media_becomes_a_media_row(
    fast: bool, occurrences: Callable[..., Any]
) -> None:
    done = occurrences(b"1\ta\tb\tc\thttps://a.org/1.jpg | see drawer 3||ftp://b.org/2\tn\n", fast=fast)
    rows = done.rows("media")
    assert [(row["identifier"], row.get("accessURI")) for row in rows] == [
        ("https://a.org/1.jpg", "https://a.org/1.jpg"),
        ("see drawer 3", None),
        ("ftp://b.org/2", "ftp://b.org/2"),
    ]
    (specimen,) = done.rows("specimen")
    for row in rows:
        assert (row["id"], row["sourceRow"]) == ("1", specimen["sourceRow"])
        assert row["flags"] == '["associatedMedia"]'


def test_rows_go_to_the_table_of_their_kind(convert: Callable[..., Any], drawn: Any) -> None:
    parts = [drawn.part("core", "taxon.txt", drawn.dwc + "Taxon", [drawn.dwc + "scientificName"])]
    kinds = {
        "occurrence.txt": drawn.dwc + "Occurrence",
        "simple.txt": "http://rs.gbif.org/terms/1.0/Multimedia",
        "audiovisual.txt": "http://rs.tdwg.org/ac/terms/Multimedia",
        "image.txt": "http://rs.gbif.org/terms/1.0/Image",
        "measurement.txt": drawn.dwc + "MeasurementOrFact",
    }
    parts += [drawn.part("extension", name, kind, [drawn.dcterms + "x"]) for name, kind in kinds.items()]
    files = dict.fromkeys(("taxon.txt", *kinds), b"id\tx\n1\tv\n")
    done = convert({"meta.xml": drawn.meta(*parts), **files})
    assert {row["file"] for row in done.rows("specimen")} == {"occurrence.txt"}
    assert {row["file"] for row in done.rows("media")} == {"simple.txt", "audiovisual.txt", "image.txt"}
    assert {(r["file"], r["rowType"]) for r in done.rows("record")} == {
        ("taxon.txt", drawn.dwc + "Taxon"),
        ("measurement.txt", drawn.dwc + "MeasurementOrFact"),
    }


def test_occurrences_that_extend_occurrences_count_once_as_specimens(
    convert: Callable[..., Any], drawn: Any
) -> None:
    verbatim_file = drawn.part(
        "extension", "verbatim.txt", drawn.dwc + "Occurrence", [drawn.dwc + "locality"]
    )
    done = convert(
        {
            "meta.xml": drawn.meta(drawn.core, verbatim_file),
            "occurrence.txt": drawn.header + b"1\ta\tb\tc\t\te\n",
            "verbatim.txt": b"id\tl\n1\tx\n",
        }
    )
    assert done.report.tables == {"specimen": 1, "media": 0, "record": 1, "quarantine": 0}


def test_a_core_in_several_files_is_read_whole(convert: Callable[..., Any], drawn: Any) -> None:
    core = drawn.core.replace("</location>", "</location><location>more.txt</location>")
    done = convert(
        {
            "meta.xml": drawn.meta(core),
            "occurrence.txt": drawn.header + b"1\ta\tb\tc\t\te\n",
            "more.txt": drawn.header + b"1\ta\tb\tc\t\te\n2\t\t\t\t\t\n",
        }
    )
    assert done.report.rows == {"occurrence.txt": 1, "more.txt": 2}
    assert [row.get("flags") for row in done.rows("specimen")] == ['["duplicateId"]'] * 2 + [None]


def test_a_record_that_cannot_land_is_told_of_by_file_line_and_code(
    occurrences: Callable[..., Any],
) -> None:
    done = occurrences(b"1\ta\tb\tc\t\te\n", b"2\t\xff\x81\n", b"3\ta\tb\tc\t\te\n")
    (row,) = done.rows("quarantine")
    assert (row["file"], row["line"], row["code"]) == ("occurrence.txt", 3, "undecodable")
    assert row["sourceRow"].endswith("!/occurrence.txt!/L3")
    assert done.report.quarantined == {"occurrence.txt": {"undecodable": 1}}
    assert [row["id"] for row in done.rows("specimen")] == ["1", "3"]


def test_what_the_metadata_document_says_comes_back_from_the_box(
    convert: Callable[..., Any], drawn: Any
) -> None:
    files = {"meta.xml": drawn.meta(drawn.core), "occurrence.txt": drawn.header}
    creator = (
        "<creator><individualName><givenName>Ada</givenName><surName>L</surName></individualName></creator>"
    )
    eml = f"<eml><dataset><title>Bees</title>{creator}</dataset></eml>".encode()
    done = convert({**files, "eml.xml": eml})
    assert done.report.metadata_name == "eml.xml"
    assert done.report.metadata == parse_eml(eml)
    assert report_from_json(json.loads(json.dumps(report_to_json(done.report)))).metadata == parse_eml(eml)


def test_a_metadata_document_that_cannot_be_read_costs_no_record(
    convert: Callable[..., Any], drawn: Any
) -> None:
    files = {"meta.xml": drawn.meta(drawn.core), "occurrence.txt": drawn.header}
    broken = convert({**files, "eml.xml": b"<eml>\xff any bytes"})
    assert broken.report.metadata is None
    assert broken.report.metadata_fault
    missing = convert(files)
    assert (missing.report.metadata, missing.report.metadata_fault) == (None, None)
    assert missing.report.warnings == (
        "eml.xml: meta.xml names this metadata document, but the archive lacks it",
    )


def test_a_bare_table_describes_itself_by_its_header(tmp_path: Path, convert: Callable[..., Any]) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes('\ufeffoccurrenceID;dwc:country;Our note\nu1;Peru;"a;b"\n'.encode())
    done = convert(path)
    (row,) = done.rows("specimen")
    assert (row["id"], row["occurrenceID"], row["country"]) == ("u1", "u1", "Peru")
    assert verbatim(row) == {"Our note": "a;b"}
    assert row["sourceRow"] == f"line:{done.digest.uri}!/L2"


def test_a_folder_is_addressed_by_the_digests_of_its_files(tmp_path: Path, drawn: Any) -> None:
    folder = tmp_path / "archive"
    folder.mkdir()
    table = drawn.header + b"1\ta\tb\tc\t\te\n"
    (folder / "meta.xml").write_bytes(drawn.meta(drawn.core))
    (folder / "occurrence.txt").write_bytes(table)
    digests = {path.name: Digest.of(path.read_bytes()) for path in folder.iterdir()}
    out = tmp_path / "out"
    report = convert_archive(folder, digests, "museum", out)
    assert report.rows == {"occurrence.txt": 1}
    address = pq.read_table(out / "specimen.parquet")["sourceRow"][0].as_py()
    assert address == f"line:{Digest.of(table).uri}!/L2"


def test_a_blob_is_called_as_it_was_named(tmp_path: Path) -> None:
    blob = tmp_path / "3f2a"
    blob.write_bytes(b"occurrenceID,country\nu1,Peru\n")
    report = convert_archive(blob, Digest.of(b""), "museum", tmp_path / "out", name="list.csv")
    assert report.rows == {"list.csv": 1}
    blob.write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(ArchiveRefused, match=r"^list\.zip: it is a damaged"):
        convert_archive(blob, Digest.of(b""), "museum", tmp_path / "out", name="list.zip")


def test_utf16_tables_are_read(tmp_path: Path, convert: Callable[..., Any]) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("occurrenceID,country\nu1,Perú\n".encode("utf-16"))
    (row,) = convert(path).rows("specimen")
    assert row["country"] == "Perú"
