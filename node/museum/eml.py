"""Write the dataset's metadata in EML 2.2.0, GBIF Metadata Profile 1.3, as an IPT would."""

from __future__ import annotations

from xml.sax.saxutils import escape

from node.museum.addresses import ARCHIVE_PATH
from node.museum.catalogue import INSTITUTION, specimens

DATASET_UUID = "5b0c4f9e-3a55-5d0a-9e1b-6d64732d6d01"
TITLE = "Drawn specimens of the Museum of Drawn Specimens"
PUBLISHED = {1: "2024-03-04", 2: "2024-09-16"}
SUMMARY = {
    1: "First publication.",
    2: "One specimen added, one withdrawn, one redetermined; one sheet photographed again.",
}
CREATORS = (("Wilma", "Drew"), ("Noor", "Atelier"))


def citation(version: int) -> str:
    """Give the citation that the museum asks for."""
    year = PUBLISHED[version][:4]
    return (
        f"Drew W, Atelier N ({year}). {TITLE}. Version 1.{version - 1}. {INSTITUTION}. "
        "Occurrence dataset. https://museum.example/mds-drawn-specimens"
    )


def eml_document(version: int, base_url: str) -> str:
    """Write eml.xml for a version.

    Raises:
        UnknownVersion: There is no such version.
    """
    count = len(specimens(version))
    creators = "\n".join(_party("creator", given, family) for given, family in CREATORS)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<eml:eml xmlns:eml="https://eml.ecoinformatics.org/eml-2.2.0" xmlns:dc="http://purl.org/dc/terms/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="https://eml.ecoinformatics.org/eml-2.2.0 https://rs.gbif.org/schema/eml-gbif-profile/1.3/eml.xsd"
    packageId="{DATASET_UUID}/v1.{version - 1}" system="http://gbif.org" scope="system" xml:lang="eng">
  <dataset>
    <alternateIdentifier>{DATASET_UUID}</alternateIdentifier>
    <title xml:lang="eng">{escape(TITLE)}</title>
{creators}
{_party("metadataProvider", *CREATORS[0])}
    <pubDate>{PUBLISHED[version]}</pubDate>
    <language>eng</language>
    <abstract>
      <para>{count} specimens from a museum that does not exist: herbarium sheets, pinned insects and fossils,
      each drawn by a program together with its label, barcode, ruler and colour checker.</para>
    </abstract>
    <keywordSet>
      <keyword>Occurrence</keyword>
      <keyword>Specimen</keyword>
      <keywordThesaurus>GBIF Dataset Type Vocabulary</keywordThesaurus>
    </keywordSet>
    <intellectualRights>
      <para>To the extent possible under law, the publisher has waived all rights to these data and has
      dedicated them to the <ulink url="http://creativecommons.org/publicdomain/zero/1.0/legalcode"><citetitle
      >Public Domain (CC0 1.0)</citetitle></ulink>. Images carry licences of their own, stated with each
      image.</para>
    </intellectualRights>
    <licensed>
      <licenseName>Creative Commons Zero v1.0 Universal</licenseName>
      <url>https://spdx.org/licenses/CC0-1.0.html</url>
      <identifier>CC0-1.0</identifier>
    </licensed>
    <distribution scope="document">
      <online><url function="download">{escape(base_url + ARCHIVE_PATH)}</url></online>
    </distribution>
    <maintenance>
      <description><para>{escape(SUMMARY[version])}</para></description>
      <maintenanceUpdateFrequency>irregular</maintenanceUpdateFrequency>
    </maintenance>
{_party("contact", *CREATORS[0])}
  </dataset>
  <additionalMetadata>
    <metadata>
      <gbif>
        <dateStamp>{PUBLISHED[version]}T09:00:00Z</dateStamp>
        <hierarchyLevel>dataset</hierarchyLevel>
        <citation>{escape(citation(version))}</citation>
        <dc:replaces>{DATASET_UUID}/v1.{version - 1}.xml</dc:replaces>
      </gbif>
    </metadata>
  </additionalMetadata>
</eml:eml>
"""


def _party(element: str, given: str, family: str) -> str:
    return f"""    <{element}>
      <individualName><givenName>{given}</givenName><surName>{family}</surName></individualName>
      <organizationName>{INSTITUTION}</organizationName>
      <electronicMailAddress>{given.lower()}.{family.lower()}@museum.example</electronicMailAddress>
    </{element}>"""
