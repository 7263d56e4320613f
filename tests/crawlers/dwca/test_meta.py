"""What meta.xml says, in the forms in which real archives say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.dwca.descriptor import Dialect
from crawlers.dwca.dialect import Cut, settle, sniff
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.meta import parse_meta
from crawlers.dwca.terms import EVENT, OCCURRENCE, TAXON, column_of, expand
from manifests.tables import MEDIA, SPECIMEN
from manifests.terms import AC, DCTERMS, DWC

LIMIT = 1 << 20


def meta(core: str, root: str = 'archive xmlns="http://rs.tdwg.org/dwc/text/"') -> bytes:
    return f"<{root}>{core}</{root.split()[0]}>".encode()


def core(attributes: str = "", inside: str = "") -> str:
    return f"<core {attributes}><files><location> o.txt </location></files>{inside}</core>"


def test_attributes_are_read_as_characters_or_as_escapes() -> None:
    written = core(r'fieldsTerminatedBy="\t" linesTerminatedBy="\r\n" fieldsEnclosedBy="&quot;" encoding="x"')
    (file,) = parse_meta(meta(written)).files
    assert file.dialect == Dialect("x", "\t", '"', "\r\n", 0)
    (file,) = parse_meta(meta(core(r'fieldsTerminatedBy="&#9;" fieldsEnclosedBy="\u0027"'))).files
    assert (file.dialect.delimiter, file.dialect.quote) == ("\t", "'")


def test_locations_ids_fields_and_defaults_are_read() -> None:
    inside = (
        '<id index="2"/><field index="0" term="dwc:locality"/><field index="1" term="http://x.org/t"/>'
        '<field term="dwc:country" default="Peru"/><field term="dwc:nothing"/>'
    )
    (file,) = parse_meta(meta(core('rowType="dwc:Occurrence" ignoreHeaderLines="2"', inside))).files
    assert (file.locations, file.id_index, file.declared_width) == (("o.txt",), 2, 3)
    assert file.row_type == OCCURRENCE
    assert file.dialect.header_lines == 2
    assert [(f.index, f.term, f.default) for f in file.fields] == [
        (0, DWC + "locality", None),
        (1, "http://x.org/t", None),
        (None, DWC + "country", "Peru"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_encoding_namespace_and_prefix_is_read(encoding: str) -> None:
    text = (
        '<d:archive xmlns:d="http://rs.tdwg.org/dwc/text/" metadata="m.xml"><d:core><d:files>'
        "<d:location>ü.txt</d:location></d:files></d:core></d:archive>"
    )
    descriptor = parse_meta(text.encode(encoding))
    assert (descriptor.core.locations, descriptor.metadata) == (("ü.txt",), "m.xml")


@pytest.mark.parametrize(
    ("term", "row_type"),
    [("occurrenceID", OCCURRENCE), ("taxonID", TAXON), ("eventID", EVENT), ("catalogNumber", OCCURRENCE)],
)
def test_a_row_type_that_says_nothing_is_settled_by_the_terms(term: str, row_type: str) -> None:
    field = f'<field index="1" term="{DWC}{term}"/>'
    for said in ("", f'rowType="{DWC}DarwinCore"'):
        assert parse_meta(meta(core(said, field))).core.row_type == row_type


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (meta(""), "has no <core>"),
        (meta(core() + core()), "has 2 <core>"),
        (meta("<core/>"), "names no file"),
        (meta(core('ignoreHeaderLines="many"')), "ignoreHeaderLines is 'many'"),
        (meta(core("", '<id index="-1"/>')), "column index is '-1'"),
        (meta(core("", '<field index="1"/>')), "without a term"),
        (meta("<table/>"), "EOL's own dialect"),
        (b"\xff\xfe\x00", "well-formed|cannot be read"),
        (b"", "well-formed"),
    ],
)
def test_what_cannot_be_a_descriptor_is_refused(document: bytes, reason: str) -> None:
    with pytest.raises(ArchiveRefused, match=reason):
        parse_meta(document)


@pytest.mark.parametrize(
    ("declared", "first", "cut"),
    [
        (Dialect(), b"a,b\n", Cut(None, ",", '"', "\n", 0)),
        (Dialect(), b"a\tb\n", Cut(None, "\t", '"', "\n", 0)),
        (Dialect(delimiter=" ", quote=""), b"a\tb\n", Cut(None, "\t", "", "\n", 0)),
        (Dialect(delimiter="||", quote=""), b"a||b\n", Cut(None, "||", "", "\n", 0)),
        (Dialect(terminator=" "), b"a,b\n", Cut(None, ",", '"', "\n", 0)),
        (Dialect(terminator="\r\n"), b"a,b\n", Cut(None, ",", '"', "\n", 0)),
        (Dialect(terminator="\r\n"), b"a,b\r\n", Cut(None, ",", '"', "\r\n", 0)),
        (Dialect(terminator="\n"), b"a,b\rc,d\r", Cut(None, ",", '"', "\r", 0)),
    ],
)
def test_a_dialect_is_settled_by_the_first_line(
    declared: Dialect, first: bytes, cut: Cut, tmp_path: Path
) -> None:
    (tmp_path / "o.txt").write_bytes(first)
    assert settle(declared, tmp_path / "o.txt", "o.txt", LIMIT) == cut


@pytest.mark.parametrize(
    "declared",
    [
        Dialect(quote="''"),
        Dialect(delimiter=",", quote=","),
        Dialect(terminator="|"),
        Dialect(delimiter="||"),
    ],
)
def test_a_dialect_that_no_reader_here_supports_is_refused(declared: Dialect, tmp_path: Path) -> None:
    (tmp_path / "o.txt").write_bytes(b"a,b\n")
    with pytest.raises(ArchiveRefused, match="not supported"):
        settle(declared, tmp_path / "o.txt", "o.txt", LIMIT)


def test_terms_find_their_column_under_any_name_that_publishers_use() -> None:
    assert expand("dwc:locality") == DWC + "locality"
    for term in (DWC + "locality", "https://rs.tdwg.org/dwc/terms/Locality", "locality", "LOCALITY"):
        assert column_of(term, SPECIMEN) == "locality"
    for term in (AC + "accessURI", AC + "accessUri"):
        assert column_of(term, MEDIA) == "accessURI"
    assert column_of("http://purl.org/dc/elements/1.1/creator", MEDIA) == "creator"
    assert column_of(DCTERMS + "spatial", SPECIMEN) is None


def test_no_archive_can_fill_a_column_of_ours() -> None:
    for name in ("change", "flags", "salt", "sourceRow", "source"):
        assert column_of(name, SPECIMEN) is None
        assert column_of(SPECIMEN.column(name).term, SPECIMEN) is None


def test_a_bare_table_is_known_by_its_header(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'"gbifID"|"scientificName"|"locality"\n')
    file = sniff(path, "t.csv", LIMIT)
    assert file is not None
    assert (file.row_type, file.id_index, file.dialect.delimiter) == (OCCURRENCE, 0, "|")
    path.write_bytes(b"name,type\n")
    assert sniff(path, "t.csv", LIMIT) is None
