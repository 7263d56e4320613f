"""Tells a metadata document's format and reads it, or says plainly why not."""

from __future__ import annotations

from lxml import etree

from crawlers.eml.dialect_dublin import is_dublin_core, read_dublin_core
from crawlers.eml.dialect_eml import read_eml
from crawlers.eml.metadata import DatasetMetadata
from crawlers.errors import MalformedMetadata, MalformedXml
from crawlers.safexml import local_name, parse_xml


def parse_eml(data: bytes) -> DatasetMetadata:
    """Title, creators, licence, citation and more out of a metadata document.

    Args:
        data: The document as published: EML 2.0 to 2.2, GBIF's profile of it, or Dublin Core in XML.

    Raises:
        MalformedMetadata: It is empty, not XML, or in another format; the text says which.
        UnsafeXml: It is too large or declares entities.
    """
    try:
        document = parse_xml(data)
    except MalformedXml as exc:
        raise MalformedMetadata(_not_xml(data) or f"the metadata document cannot be read: {exc}") from exc
    root = document.root
    if local_name(root) == "eml":
        return read_eml(document)
    if is_dublin_core(root):
        return read_dublin_core(document)
    raise MalformedMetadata(f"the metadata is {_format_of(root)}; only EML and Dublin Core are read")


def _not_xml(data: bytes) -> str | None:
    start = data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:64]
    if not start or start.startswith(b"<"):
        return None
    if start.startswith(b"Identification_Information:"):
        return "the metadata is FGDC in plain text, not XML; only EML and Dublin Core are read"
    return f"the metadata is not XML: it begins with {start[:24].decode('utf-8', 'replace')!r}"


def _format_of(root: etree._Element) -> str:
    name, namespace = local_name(root), etree.QName(root).namespace or ""
    if "datacite" in namespace:
        return "DataCite XML"
    if name == "metadata" and root.find("idinfo") is not None:
        return "FGDC XML"
    if "isotc211" in namespace or name == "MD_Metadata":
        return "ISO 19115"
    if name.lower() == "html":
        return "an HTML page"
    return f"in an unknown format (<{name}>{' of ' + namespace if namespace else ''})"
