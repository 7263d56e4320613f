"""Schemas: named by digest, defined by published terms, and only ever growing."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from hashstore.canonical import canonical_json
from hashstore.digest import Digest
from manifests.errors import ManifestError, UnknownSchema
from manifests.schema import Column, TableSchema, columns_by_term, extends
from manifests.tables import MEDIA, SPECIMEN, TABLES, schema_by_digest
from manifests.terms import AC, DC, DCTERMS, DWC, VASCULUM, XMP_RIGHTS

VECTORS = Path(__file__).parents[2] / "spec" / "vectors"
each_table = pytest.mark.parametrize("schema", TABLES.values(), ids=lambda schema: schema.name)


@each_table
def test_a_schema_is_named_by_the_digest_of_its_canonical_document(schema: TableSchema) -> None:
    assert schema.digest == Digest.of(canonical_json(schema.document()))
    assert schema_by_digest(schema.digest) is schema


def test_version_1_of_each_schema_has_the_digest_it_was_published_with() -> None:
    published = json.loads((VECTORS / "segments_schemas.json").read_text())
    for case in published["cases"]:
        assert schema_by_digest(Digest.parse(case["digest"])).document() == case["document"]


@each_table
def test_every_column_has_a_term_and_a_plain_sentence(schema: TableSchema) -> None:
    terms = [column.term for column in schema.columns]
    assert len(set(terms)) == len(terms)
    assert len(set(schema.names)) == len(schema.names)
    for column in schema.columns:
        assert re.fullmatch(r"[A-Z].*\.", column.about), column.name
        assert re.fullmatch(r"https?://\S+[/#]\w+", column.term), column.name
        assert column.name[1:] == re.split("[/#]", column.term)[-1][1:], column.name


@each_table
def test_names_of_a_table_need_no_quoting_in_sql_but_for_reserved_words(schema: TableSchema) -> None:
    assert not [name for name in schema.names if name.lower() in {"batch", "printed"}]
    folded = [name.lower() for name in schema.names]
    assert len(set(folded)) == len(folded), "DuckDB does not tell names apart by case"


def test_darwin_core_terms_are_tdwgs_own(shared_data: Path) -> None:
    listed = shared_data / "vectors" / "tdwg-dwc" / "dist" / "all_dwc_vertical.csv"
    # Darwin Core borrows its record-level terms from Dublin Core; of these it gave up `rights` for `license`.
    known = {row[0] for row in csv.reader(listed.open())} | {"rights"}
    for column in SPECIMEN.columns:
        for namespace in (DWC, DCTERMS):
            if column.term.startswith(namespace):
                assert column.term.removeprefix(namespace) in known


# Terms of the standard that TDWG's examples of still images do not happen to use.
_NOT_IN_EXAMPLES = {
    "bestQualityAccessURI",
    "goodQualityAccessURI",
    "thumbnailAccessURI",
    "furtherInformationURL",
} | {
    "subtype",
    "subjectPart",
    "subjectOrientation",
    "captureDevice",
    "attributionLogoURL",
    "resourceCreationTechnique",
}


def test_audiovisual_core_terms_are_tdwgs_own(shared_data: Path) -> None:
    folder = shared_data / "vectors" / "audiovisual-core" / "image"
    named = (folder / "Image_Examples.csv").read_text() + (folder / "examples.md").read_text()
    for column in MEDIA.columns:
        if column.term.startswith(AC) and column.name not in _NOT_IN_EXAMPLES:
            assert re.search(rf"\bac[:_]{column.name}\b", named), column.name


def test_terms_of_real_media_extensions_find_their_columns(shared_data: Path) -> None:
    """Every archive's own descriptor was written by somebody else, so its IRIs are an independent source."""
    declared: set[str] = set()
    for descriptor in (shared_data / "dwca").rglob("meta.xml"):
        declared |= set(
            re.findall(r'term="(http://rs.tdwg.org/ac/terms/[^"]+)"', descriptor.read_text("utf-8"))
        )
    known = columns_by_term(MEDIA)
    for name in _NOT_IN_EXAMPLES | {"accessURI", "hashValue", "providerManagedID"}:
        assert AC + name in declared
        assert known[AC + name] == name


def test_every_published_term_leads_to_its_column() -> None:
    for schema in (SPECIMEN, MEDIA):
        known = columns_by_term(schema)
        for column in schema.columns:
            assert known.get(column.term) == (None if column.term.startswith(VASCULUM) else column.name)


@pytest.mark.parametrize(
    ("schema", "alias", "name"),
    [
        (MEDIA, DC + "creator", "creator"),
        (MEDIA, DCTERMS + "creator", "creator"),
        (MEDIA, DC + "rights", "rights"),
        (MEDIA, DC + "type", "type"),
        (MEDIA, AC + "accessURI", "accessURI"),
        (MEDIA, AC + "subtypeLiteral", "subtype"),
        (MEDIA, AC + "provider", "providerLiteral"),
        (MEDIA, XMP_RIGHTS + "UsageTerms", "usageTerms"),
        (MEDIA, DWC + "rightsHolder", "rightsHolder"),
        (SPECIMEN, DWC + "rightsHolder", "rightsHolder"),
        (SPECIMEN, DC + "rights", "rights"),
        (SPECIMEN, DWC + "preparation", "preparations"),
    ],
)
def test_known_aliases_lead_to_the_same_column(schema: TableSchema, alias: str, name: str) -> None:
    assert columns_by_term(schema)[alias] == name


@each_table
def test_no_published_term_can_fill_a_column_of_ours(schema: TableSchema) -> None:
    known = columns_by_term(schema)
    ours = {column.name for column in schema.columns if column.term.startswith(VASCULUM)}
    assert not ours & set(known.values())
    assert not [term for term in known if term.startswith(VASCULUM)]


def test_rights_of_records_and_of_media_are_columns_of_different_tables() -> None:
    rights: Mapping[str, str] = {"license": "not", "rightsHolder": "", "rights": ""}
    for name in rights:
        assert "record" in SPECIMEN.column(name).about
        assert "medium" in MEDIA.column(name).about


def test_a_schema_that_grows_extends_the_old_one_and_nothing_else_does() -> None:
    added = replace(
        SPECIMEN, version=2, columns=(*SPECIMEN.columns, Column("more", "string", "urn:x:more", "More."))
    )
    assert extends(added, SPECIMEN)
    assert extends(SPECIMEN, SPECIMEN)
    assert not extends(SPECIMEN, added)
    assert not extends(replace(SPECIMEN, columns=SPECIMEN.columns[1:]), SPECIMEN)
    assert not extends(replace(SPECIMEN, columns=SPECIMEN.columns[::-1]), SPECIMEN)
    assert not extends(MEDIA, SPECIMEN)
    assert added.digest != SPECIMEN.digest


def test_an_unknown_schema_is_refused_by_name() -> None:
    with pytest.raises(UnknownSchema, match="newer version"):
        schema_by_digest(Digest(bytes(32)))


@pytest.mark.parametrize("name", ["", "a b", 'a"', "a'", "1a", "é", "a-b", "a\n"])
def test_a_column_name_that_would_need_escaping_is_refused(name: str) -> None:
    with pytest.raises(ManifestError, match="no column name"):
        Column(name, "string", "urn:x", "About.")


def test_asking_for_a_column_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(ManifestError, match="no column 'colour'; it has source"):
        SPECIMEN.column("colour")
