"""Reads meta.xml, the descriptor of a Darwin Core Archive.

Source: TDWG, Darwin Core Text Guide, https://dwc.tdwg.org/text/. Where real archives stray from it in a way
that leaves their meaning clear (no <id>, short terms, escapes written as characters), we follow them.
"""

import re
from collections.abc import Iterator
from typing import Protocol
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawlers.dwca.descriptor import DataFile, Descriptor, Dialect, Field
from crawlers.dwca.errors import ArchiveRefused
from crawlers.dwca.terms import SIMPLE_DARWIN_RECORD, expand, settled_row_type

_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\", "\\f": "\f", "\\b": "\b"}
_ESCAPE = re.compile(r"\\(?:[tnrfb\\]|u[0-9a-fA-F]{4})")


class _Element(Protocol):
    tag: str
    text: str | None

    def get(self, key: str, /) -> str | None: ...
    def __iter__(self) -> Iterator["_Element"]: ...


def parse_meta(data: bytes, name: str = "meta.xml") -> Descriptor:
    """Read the bytes of meta.xml.

    Args:
        data: The file as it stands in the archive, in any encoding that XML can declare.
        name: What to call it in a refusal.

    Raises:
        ArchiveRefused: It is no XML, declares a DTD or entities, or lacks what a descriptor needs.
    """
    root = _root(data, name)
    core = _children(root, "core")
    if len(core) != 1:
        raise ArchiveRefused(_no_core(root, len(core)), file=name)
    files = [_data_file(core[0], name, core=True)]
    files += [_data_file(element, name, core=False) for element in _children(root, "extension")]
    metadata = (root.get("metadata") or "").strip() or None
    return Descriptor(tuple(files), metadata)


def _root(data: bytes, name: str) -> _Element:
    try:
        root: _Element = fromstring(data.lstrip(b" \t\r\n"), forbid_dtd=True)
    except DefusedXmlException:
        raise ArchiveRefused(
            "it declares a DTD or entities, which a descriptor never needs", file=name
        ) from None
    except ParseError as error:
        raise ArchiveRefused(
            f"it is not well-formed XML ({error})", file=name, line=error.position[0]
        ) from None
    except (ValueError, LookupError) as error:
        raise ArchiveRefused(f"it cannot be read as XML ({error})", file=name) from None
    return root


def _no_core(root: _Element, found: int) -> str:
    if found > 1:
        return f"it has {found} <core> elements where one is allowed"
    if _children(root, "table"):
        return (
            "it has <table> elements in place of <core>: EOL's own dialect, which is no Darwin Core Archive"
        )
    return (
        f"it has no <core> element (its root is <{_local(root.tag)}>), so it describes no Darwin Core Archive"
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _children(element: _Element, tag: str) -> list[_Element]:
    return [child for child in element if isinstance(child.tag, str) and _local(child.tag) == tag]


def _data_file(element: _Element, name: str, *, core: bool) -> DataFile:
    kind = "core" if core else "extension"
    locations = tuple(
        text
        for files in _children(element, "files")
        for location in _children(files, "location")
        if (text := (location.text or "").strip())
    )
    if not locations:
        raise ArchiveRefused(f"its <{kind}> names no file (<files><location>)", file=name)
    keys = _children(element, "id" if core else "coreid")
    fields = tuple(_fields(element, name))
    row_type = expand(element.get("rowType") or "") or SIMPLE_DARWIN_RECORD
    return DataFile(
        locations=locations,
        row_type=settled_row_type(row_type, (field.term for field in fields)),
        core=core,
        dialect=_dialect(element, name),
        id_index=_index(keys[0], name) if keys else None,
        fields=fields,
    )


def _dialect(element: _Element, name: str) -> Dialect:
    header = (element.get("ignoreHeaderLines") or "0").strip() or "0"
    if not (header.isascii() and header.isdigit()) or int(header) > 1000:
        raise ArchiveRefused(f"ignoreHeaderLines is {header!r}, not a small number", file=name)
    return Dialect(
        encoding=(element.get("encoding") or "").strip() or None,
        delimiter=_unescape(element.get("fieldsTerminatedBy")),
        quote=_unescape(element.get("fieldsEnclosedBy")),
        terminator=_unescape(element.get("linesTerminatedBy")),
        header_lines=int(header),
    )


def _unescape(text: str | None) -> str | None:
    if text is None:
        return None
    return _ESCAPE.sub(lambda m: _ESCAPES.get(m[0]) or chr(int(m[0][2:], 16)), text)


def _index(element: _Element, name: str) -> int | None:
    text = (element.get("index") or "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or int(text) >= 10_000:
        raise ArchiveRefused(f"a column index is {text!r}, not a small number", file=name)
    return int(text)


def _fields(element: _Element, name: str) -> Iterator[Field]:
    for field in _children(element, "field"):
        term, index = expand(field.get("term") or ""), _index(field, name)
        default = field.get("default") or None
        if not term:
            raise ArchiveRefused("it has a <field> without a term", file=name)
        if index is not None or default is not None:
            yield Field(index, term, default)
