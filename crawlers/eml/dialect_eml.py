"""Ecological Metadata Language 2.0 to 2.2, and GBIF's profile of it (version 1.1)."""

from __future__ import annotations

from lxml import etree

from crawlers.eml.metadata import Creator, DatasetMetadata, Missing
from crawlers.eml.rights import licence_in
from crawlers.safexml import Document, local_name, text_of

# EML leaves most elements without a namespace and real documents put some into one: local names are compared.


def read_eml(document: Document) -> DatasetMetadata:
    """Read an <eml:eml> document that has been parsed; nothing in it is required."""
    dataset = _child(document.root, "dataset")
    gbif = _gbif(document.root)
    creators = tuple(filter(None, map(_creator, _children(dataset, "creator"))))
    title = _title(dataset)
    rights, licence = _rights(dataset)
    citation = _child(gbif, "citation")
    cited = _text(citation)
    return DatasetMetadata(
        format="eml",
        title=title,
        creators=creators,
        publisher=_organisation(_child(dataset, "publisher")),
        licence=licence,
        rights=rights,
        citation=cited,
        citation_identifier=None if citation is None else (citation.get("identifier") or None),
        identifiers=_identifiers(document.root, dataset),
        published=_text(_child(dataset, "pubDate")),
        language=_text(_child(dataset, "language")),
        encoding=document.encoding,
        missing=_missing(dataset, gbif, title, creators, licence, cited),
        notes=(document.note,) if document.note else (),
    )


def _missing(
    dataset: etree._Element | None,
    gbif: etree._Element | None,
    title: str | None,
    creators: tuple[Creator, ...],
    licence: str | None,
    citation: str | None,
) -> tuple[Missing, ...]:
    found = {
        "title": (title, dataset, "title"),
        "creators": (creators, dataset, "creator"),
        "licence": (licence, dataset, "intellectualRights"),
        "citation": (citation, gbif, "citation"),
    }
    return tuple(
        Missing(field, _why(parent, name)) for field, (value, parent, name) in found.items() if not value
    )


def _why(parent: etree._Element | None, name: str) -> str:
    if parent is None:
        where = "additionalMetadata/metadata/gbif" if name == "citation" else "dataset"
        return f"the document has no <{where}>"
    where = local_name(parent)
    if not _children(parent, name):
        return f"<{where}> has no <{name}>"
    return f"<{name}> in <{where}> is empty or names nothing"


def _title(dataset: etree._Element | None) -> str | None:
    """EML repeats <title> by language; the first that is filled is the one in the main language."""
    return next((text for text in map(_text, _children(dataset, "title")) if text), None)


def _creator(element: etree._Element) -> Creator | None:
    person = _child(element, "individualName")
    given = " ".join(filter(None, map(_text, _children(person, "givenName"))))
    creator = Creator(
        given=given,
        family=_text(_child(person, "surName")) or "",
        organisation=_text(_child(element, "organizationName"))
        or _text(_child(element, "positionName"))
        or "",
        identifiers=tuple(filter(None, map(_identifier, _children(element, "userId")))),
    )
    return creator if creator.name else None


def _identifier(user_id: etree._Element) -> str | None:
    value, directory = _text(user_id), (user_id.get("directory") or "").strip()
    if value is None or value.startswith("http") or not directory.startswith("http"):
        return value
    return directory.rstrip("/") + "/" + value


def _organisation(party: etree._Element | None) -> str | None:
    creator = None if party is None else _creator(party)
    return None if creator is None else creator.organisation or creator.name


def _rights(dataset: etree._Element | None) -> tuple[str | None, str | None]:
    """The statement of rights and the licence: EML 2.2's <licensed> first, then <intellectualRights>."""
    statement = _child(dataset, "intellectualRights")
    text = _text(statement)
    licensed = _child(dataset, "licensed")
    stated = _text(_child(licensed, "url")) or _text(_child(licensed, "licenseName"))
    if stated is not None:
        return text or stated, stated
    if text is None or statement is None:
        return None, None
    links = tuple(
        e.get("url", "") for e in statement.iter(etree.Element) if local_name(e) == "ulink" and e.get("url")
    )
    return text, licence_in(text, links) or text


def _identifiers(root: etree._Element, dataset: etree._Element | None) -> tuple[str, ...]:
    found = [_text(element) for element in _children(dataset, "alternateIdentifier")]
    found.append((root.get("packageId") or "").strip() or None)
    return tuple(dict.fromkeys(filter(None, found)))


def _gbif(root: etree._Element) -> etree._Element | None:
    for additional in _children(root, "additionalMetadata"):
        for metadata in _children(additional, "metadata"):
            found = _child(metadata, "gbif")
            if found is not None:
                return found
    return None


def _children(parent: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if parent is None else [child for child in parent if local_name(child) == name]


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(_children(parent, name)), None)


def _text(element: etree._Element | None) -> str | None:
    return None if element is None else text_of(element) or None
