"""XML from strangers: no entities, no network, bounded in size, whatever its bytes say about their encoding.

Documents get here with a wrong encoding declared more often than with any other fault, so the declaration is
taken as a hint: what the bytes show (a byte order mark, zeros between letters, valid UTF-8) comes first.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from crawlers.errors import MalformedXml, UnsafeXml

MAX_BYTES = 64 * 1024 * 1024

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_DECLARED = re.compile(r"""\s*<\?xml[^>]{0,150}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document.

    Attributes:
        root: Its root element.
        encoding: The Python codec by which its bytes were read.
        note: What was wrong with the encoding that it declares; empty if nothing was.
    """

    root: etree._Element
    encoding: str
    note: str = ""


def parse_xml(data: bytes) -> Document:
    """Parse a document in whatever encoding it really is.

    Raises:
        UnsafeXml: It is larger than `MAX_BYTES`, or declares entities.
        MalformedXml: It is empty, not text, or not well-formed; the text names the line.
    """
    if len(data) > MAX_BYTES:
        raise UnsafeXml(f"the document has {len(data):,} bytes; at most {MAX_BYTES:,} are parsed")
    if not data.strip(b"\0 \t\r\n"):
        raise MalformedXml("the document is empty")
    text, codec = decode(data)
    return Document(_parse_text(text), codec, _note(text, codec, data))


def decode(data: bytes) -> tuple[str, str]:
    """The text of an XML document, and the codec that gave it.

    Raises:
        MalformedXml: The bytes begin in one encoding and do not go on in it.
    """
    codec = _marked(data) or _unmarked(data)
    if codec is not None:
        try:
            return data.decode(codec), codec
        except UnicodeDecodeError as exc:
            raise MalformedXml(
                f"the document is {codec} by its first bytes, but not throughout: {exc}"
            ) from exc
    try:
        # Bytes that are valid UTF-8 beyond ASCII are UTF-8: no other text looks like it by chance.
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _eight_bit(data, _declared_in(data[:400].decode("latin-1")))


def line_of(element: etree._Element) -> int:
    """The line at which an element begins, from 1; 0 if the parser did not keep it."""
    line: Any = element.sourceline
    return line if isinstance(line, int) else 0


def text_of(element: etree._Element) -> str:
    """All text within an element, on one line."""
    return " ".join("".join(map(str, element.itertext())).split())


def local_name(element: etree._Element) -> str:
    """An element's name without namespace; empty for a comment."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _marked(data: bytes) -> str | None:
    return next((codec for mark, codec in _BYTE_ORDER_MARKS if data.startswith(mark)), None)


def _unmarked(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, by the zero beside the first angle bracket (XML 1.0 appendix F)."""
    start = data.lstrip(b" \t\r\n")[:2]
    return {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(start)


def _declared_in(text: str) -> str | None:
    """The codec that the XML declaration names; the name itself if Python knows none."""
    match = _DECLARED.match(text)
    if match is None:
        return None
    try:
        return codecs.lookup(match[1]).name
    except LookupError:
        return match[1]


def _eight_bit(data: bytes, declared: str | None) -> tuple[str, str]:
    for codec in (declared, "cp1252"):
        if codec is None or codec.startswith(("utf", "ascii")) or not _extends_ascii(codec):
            continue
        try:
            return data.decode(codec), codec
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _note(text: str, codec: str, data: bytes) -> str:
    """What the declaration says wrongly; empty if it is right, silent, or makes no difference."""
    declared = _declared_in(text[:400].lstrip("\ufeff"))
    if declared is None or codec.startswith(declared[:6]) or (data.isascii() and _extends_ascii(declared)):
        return ""
    return f"it declares {declared} and is {codec}"


def _extends_ascii(codec: str) -> bool:
    try:
        return "<?xml>".encode(codec) == b"<?xml>"
    except LookupError:
        return False


def _parse_text(text: str) -> etree._Element:
    # lxml refuses a declaration in decoded text; its line breaks stay, so that line numbers do too.
    match = _DECLARATION.match(text)
    if match is not None:
        text = "\n" * match[0].count("\n") + text[match.end() :]
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        recover=False,
    )
    try:
        root = etree.fromstring(text.lstrip("\ufeff"), parser)
    except etree.XMLSyntaxError as exc:
        line = exc.position[0] if exc.position else 0
        raise MalformedXml(f"line {line}: {exc.msg or 'not well-formed'}") from exc
    except ValueError as exc:  # a zero or another character that XML has no place for
        raise MalformedXml(f"the document is not XML: {exc}") from exc
    _refuse_entities(root)
    return root


def _refuse_entities(root: etree._Element) -> None:
    # The stubs of lxml know less of a DTD than lxml does.
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise UnsafeXml("the document declares entities, which can make it swell; it is not read")
