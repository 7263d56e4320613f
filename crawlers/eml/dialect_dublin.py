"""Dublin Core in XML, as GBIF's archives carry it: a flat list of elements of the dc or dcterms namespace."""

from __future__ import annotations

from lxml import etree

from crawlers.eml.metadata import Creator, DatasetMetadata, Missing
from crawlers.eml.rights import licence_in
from crawlers.safexml import Document, local_name, text_of

NAMESPACES = frozenset({"http://purl.org/dc/terms/", "http://purl.org/dc/elements/1.1/"})


def is_dublin_core(root: etree._Element) -> bool:
    """Whether a child of the root lies in one of Dublin Core's namespaces."""
    return any(_in_namespace(child) for child in root)


def read_dublin_core(document: Document) -> DatasetMetadata:
    """Read a document whose root holds Dublin Core elements; those of no namespace are passed over."""
    fields: dict[str, list[str]] = {}
    for child in document.root:
        text = text_of(child) if _in_namespace(child) else ""
        if text:
            fields.setdefault(local_name(child), []).append(text)
    rights = _first(fields, "rights") or _first(fields, "license")
    licence = _first(fields, "license") or (None if rights is None else licence_in(rights, ()) or rights)
    title, citation = _first(fields, "title"), _first(fields, "bibliographicCitation")
    creators = tuple(Creator(organisation=name) for name in fields.get("creator", ()))
    wanted = {"title": title, "creators": creators, "licence": licence, "citation": citation}
    return DatasetMetadata(
        format="dublin-core",
        title=title,
        creators=creators,
        publisher=_first(fields, "publisher"),
        licence=licence,
        rights=rights,
        citation=citation,
        citation_identifier=None,
        identifiers=tuple(fields.get("identifier", ())),
        published=_first(fields, "issued") or _first(fields, "created") or _first(fields, "date"),
        language=_first(fields, "language"),
        encoding=document.encoding,
        missing=tuple(Missing(name, _WHY[name]) for name, value in wanted.items() if not value),
        notes=(document.note,) if document.note else (),
    )


_WHY = {
    "title": "the document has no dc:title",
    "creators": "the document has no dc:creator",
    "licence": "the document has neither dc:license nor dc:rights",
    "citation": "the document has no dc:bibliographicCitation",
}


def _in_namespace(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and etree.QName(element).namespace in NAMESPACES


def _first(fields: dict[str, list[str]], name: str) -> str | None:
    return next(iter(fields.get(name, ())), None)
