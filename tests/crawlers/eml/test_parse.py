from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.eml import Creator, parse_eml
from crawlers.errors import CrawlerError, MalformedMetadata, UnsafeXml

EML = """<?xml version="1.0" encoding="{declared}"?>
<eml:eml xmlns:eml="eml://ecoinformatics.org/eml-2.1.1" packageId="museum/v1" xml:lang="de"><dataset>
  <alternateIdentifier>doi:10.5/1</alternateIdentifier>
  <title>Käfer aus Österreich – Sammlung</title>
  <creator><individualName><givenName>Ada</givenName><surName>Müller</surName></individualName>
    <organizationName>Museum</organizationName>
    <userId directory="http://orcid.org/">0000-0001-5000-0007</userId></creator>
  <creator><organizationName>Museum</organizationName></creator><creator><phone>1</phone></creator>
  <publisher><organizationName>Haus der Natur</organizationName></publisher>
  <pubDate> 2024-05-01 </pubDate><language>de</language>
  <intellectualRights><para>{rights}</para></intellectualRights></dataset>
  <additionalMetadata><metadata><gbif>
    <citation identifier="doi:10.5/1">Müller A (2024) Käfer</citation></gbif></metadata>
  </additionalMetadata></eml:eml>"""


def document(declared: str = "utf-8", rights: str = "CC BY 4.0") -> str:
    return EML.format(declared=declared, rights=rights)


def test_everything_that_a_citation_needs_is_read() -> None:
    metadata = parse_eml(document().encode())
    assert metadata.title == "Käfer aus Österreich – Sammlung"
    assert metadata.creators == (
        Creator("Ada", "Müller", "Museum", ("http://orcid.org/0000-0001-5000-0007",)),
        Creator(organisation="Museum"),
    )
    assert (metadata.publisher, metadata.published, metadata.language) == (
        "Haus der Natur",
        "2024-05-01",
        "de",
    )
    assert metadata.identifiers == ("doi:10.5/1", "museum/v1")
    assert (metadata.citation, metadata.citation_identifier) == ("Müller A (2024) Käfer", "doi:10.5/1")
    assert (metadata.missing, metadata.notes) == ((), ())


@pytest.mark.parametrize(
    ("codec", "declared", "noted"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "UTF-8", False),
        ("utf-8", "ISO-8859-1", True),
        ("utf-8", "UTF-16", True),
        ("utf-8", "klingon", True),
        ("cp1252", "windows-1252", False),
        ("cp1252", "utf-8", True),
        ("utf-16", "utf-16", False),
        ("utf-16-le", "UTF-16LE", False),
        ("utf-16-be", "utf-8", True),
        ("utf-32", "utf-32", False),
    ],
)
def test_the_bytes_tell_the_encoding_and_the_declaration_only_hints(
    codec: str, declared: str, noted: bool
) -> None:
    metadata = parse_eml(document(declared).encode(codec))
    assert metadata.title == "Käfer aus Österreich – Sammlung"
    assert bool(metadata.notes) == noted


@pytest.mark.parametrize(
    ("rights", "licence"),
    [
        ('Under a <ulink url="http://creativecommons.org/licenses/by/4.0/legalcode"/>.',
         "http://creativecommons.org/licenses/by/4.0/legalcode"),
        ("See http://museum.example/ and http://creativecommons.org/licenses/by/3.0/.",
         "http://creativecommons.org/licenses/by/3.0/"),
        ("Free under CC-BY-NC-SA 4.0, see http://museum.example/", "CC-BY-NC-SA 4.0"),
        ("CC0", "CC0"),
        ("Terms: http://museum.example/licence.html", "http://museum.example/licence.html"),
        ("Ask us first.", "Ask us first."),
    ],
)  # fmt: skip
def test_the_licence_is_a_url_a_known_name_or_the_statement_itself(rights: str, licence: str) -> None:
    assert parse_eml(document(rights=rights).encode()).licence == licence


def test_the_licensed_element_of_eml_2_2_goes_first() -> None:
    licensed = (
        "<licensed><licenseName>CC0</licenseName><url>https://spdx.org/licenses/CC0-1.0</url></licensed>"
    )
    text = document().replace("<language>", licensed + "<language>").replace("2.1.1", "2.2.0")
    assert parse_eml(text.encode()).licence == "https://spdx.org/licenses/CC0-1.0"


def test_an_empty_dataset_says_what_is_missing() -> None:
    metadata = parse_eml(b"<eml><dataset/></eml>")
    assert [gap.field for gap in metadata.missing] == ["title", "creators", "licence", "citation"]
    assert metadata.reason("title") == "<dataset> has no <title>"
    assert parse_eml(b"<eml/>").reason("title") == "the document has no <dataset>"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \0\n", "empty"),
        (b"PK\x03\x04", "not XML"),
        (b"Title: x", "not XML"),
        (b"<html><body/></html>", "an HTML page"),
        (b"<eml><dataset></eml>", "line 1"),
        (b"<eml>\n\n<a></b></eml>", "line 3"),
        (b"<metadata><idinfo/></metadata>", "FGDC XML"),
        (b'<MD_Metadata xmlns="http://www.isotc211.org/2005/gmd"/>', "ISO 19115"),
        (b"<thing/>", "unknown format"),
        (b"\xff\xfe<\0", "cannot be read"),
    ],
)
def test_what_is_not_read_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(MalformedMetadata, match=said):
        parse_eml(data)


def test_entities_are_never_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><eml><title>&b;</title></eml>'
    leak = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><eml><title>&a;</title></eml>'
    for data in (bomb, leak):
        with pytest.raises(UnsafeXml, match="entities"):
            parse_eml(data)


def test_a_document_beyond_the_limit_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawlers.safexml.MAX_BYTES", 100)
    with pytest.raises(UnsafeXml, match="bytes"):
        parse_eml(document().encode())


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: f"<eml>{text}</eml>".encode()))
def test_no_input_escapes_as_another_error(data: bytes) -> None:
    with suppress(CrawlerError):
        parse_eml(data)
