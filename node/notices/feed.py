"""Atom feeds (RFC 4287). Pure: the same values give the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from hashstore.digest import Digest

MEDIA_TYPE = "application/atom+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        id: IRI; never changes.
        title: In a line.
        updated: RFC 3339 in UTC.
        summary: In a few lines.
        images: Images that it names, which everybody may see.
        link: Where there is more; None if there is nothing.
    """

    id: str
    title: str
    updated: str
    summary: str
    images: tuple[Digest, ...] = ()
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed.

    Attributes:
        id: IRI; never changes.
        title: In a line.
        path: Where it is, from the root of the server.
        updated: RFC 3339 in UTC; of the newest entry, or of when it was begun.
        author: Whose node it is.
        subtitle: What it is about.
        entries: The newest first.
    """

    id: str
    title: str
    path: str
    updated: str
    author: str
    subtitle: str
    entries: Sequence[Entry]


def feed_bytes(feed: Feed) -> bytes:
    """The feed as XML. Addresses in it are relative to where it was got, whatever the host is called."""
    root = ElementTree.Element(f"{{{_ATOM}}}feed")
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", feed.updated)
    _text(ElementTree.SubElement(root, f"{{{_ATOM}}}author"), "name", feed.author)
    _link(root, "self", feed.path, MEDIA_TYPE)
    _text(root, "generator", "Vasculum")
    for entry in feed.entries:
        _entry(root, entry)
    ElementTree.register_namespace("", _ATOM)
    ElementTree.register_namespace("h", _XHTML)
    ElementTree.indent(root, " ")
    text: str = ElementTree.tostring(root, "unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _entry(root: ElementTree.Element, entry: Entry) -> None:
    found = ElementTree.SubElement(root, f"{{{_ATOM}}}entry")
    _text(found, "id", entry.id)
    _text(found, "title", entry.title)
    _text(found, "updated", entry.updated)
    _text(found, "summary", entry.summary)
    if entry.link is not None:
        _link(found, "alternate", entry.link)
    content = ElementTree.SubElement(found, f"{{{_ATOM}}}content", {"type": "xhtml"})
    block = ElementTree.SubElement(content, f"{{{_XHTML}}}div")
    ElementTree.SubElement(block, f"{{{_XHTML}}}p").text = _plain(entry.summary)
    if entry.images:
        listed = ElementTree.SubElement(block, f"{{{_XHTML}}}ul")
        for image in entry.images:
            item = ElementTree.SubElement(listed, f"{{{_XHTML}}}li")
            link = ElementTree.SubElement(item, f"{{{_XHTML}}}a", {"href": f"/blob/sha256/{image.hex}"})
            link.text = image.uri


def _text(parent: ElementTree.Element, name: str, value: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = _plain(value)


def _link(parent: ElementTree.Element, rel: str, href: str, type: str | None = None) -> None:
    fields = {"rel": rel, "href": href, **({"type": type} if type else {})}
    ElementTree.SubElement(parent, f"{{{_ATOM}}}link", fields)


def _plain(text: str) -> str:
    """The characters that XML 1.0 has (section 2.2)."""
    return "".join(letter for letter in text if _in_xml(ord(letter)))


def _in_xml(code: int) -> bool:
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
