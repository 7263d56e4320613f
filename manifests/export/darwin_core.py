"""Rows as the tables of a Darwin Core Archive: every published value under the term that it came under."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from xml.sax.saxutils import quoteattr

from manifests.dataset.member import Member
from manifests.export.interface import Material, Row
from manifests.export.pictured import in_batches
from manifests.export.seen import Seen
from manifests.export.text import fits_xml, tsv_line
from manifests.schema import TableSchema
from manifests.tables import TABLES
from manifests.terms import VASCULUM

OCCURRENCE: Final = "http://rs.tdwg.org/dwc/terms/Occurrence"
MULTIMEDIA: Final = "http://rs.tdwg.org/ac/terms/Multimedia"
MEMBER: Final = f"{VASCULUM}Member"
_ASSOCIATED: Final = "associatedMedia"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a data file behind the first, which is the id.

    Attributes:
        header: Its name in the header line.
        term: The IRI in the descriptor; None for a published column that had none.
    """

    header: str
    term: str | None


def published(schema: TableSchema) -> tuple[tuple[str, Field], ...]:
    """The columns that take published values, by name. Ours are made anew by whoever reads the archive."""
    return tuple(
        (column.name, Field(column.name, column.term))
        for column in schema.columns
        if not column.term.startswith(VASCULUM)
    )


def specimens(material: Material) -> Iterator[tuple[str, Row]]:
    """The specimen rows of all members, each once, with their URIs."""
    return _rows(material, ((member.specimen, member) for member in material.members()))


def media(material: Material) -> Iterator[tuple[str, Row, Member]]:
    """The media rows of all members, each once, with their URIs.

    A row that was made from a specimen's `associatedMedia` is left out where the specimen is there: it will
    be made again.
    """
    seen = Seen()
    for batch in in_batches(material.members()):
        new = [(member.media, member) for member in batch if member.media and seen.first(member.media)]
        found = material.rows([uri for uri, _ in new])
        for uri, member in new:
            row = found.get(uri)
            if row is not None and not (member.specimen and _ASSOCIATED in (row.get("flags") or "")):
                yield uri, row, member


def _rows(material: Material, wanted: Iterable[tuple[str | None, Member]]) -> Iterator[tuple[str, Row]]:
    seen = Seen()
    for batch in in_batches(wanted):
        uris = [uri for uri, _ in batch if uri is not None and seen.first(uri)]
        found = material.rows(uris)
        yield from ((uri, found[uri]) for uri in uris if uri in found)


def verbatim_of(row: Row) -> dict[str, str]:
    """The published values that have no column, by term or header."""
    text: Any = row.get("verbatim")
    found = json.loads(text) if isinstance(text, str) else dict(text or {})
    return {key: value for key, value in found.items() if isinstance(value, str)}


def verbatim_fields(rows: Iterable[Row]) -> tuple[Field, ...]:
    """A field for each term or header that occurs in the rows, in the order of their characters."""
    keys = sorted({key for row in rows for key in verbatim_of(row)})
    return tuple(Field(key, key if _is_iri(key) else None) for key in keys)


def data_lines(schema_name: str, beyond: Sequence[Field], rows: Iterable[tuple[str, Row]]) -> Iterator[str]:
    """The lines of a data file, the header first.

    Args:
        schema_name: The table that the rows are of.
        beyond: The fields for values without a column.
        rows: Core ids with rows.
    """
    columns = published(TABLES[schema_name])
    yield tsv_line(("id", *(field.header for _, field in columns), *(field.header for field in beyond)))
    for core, row in rows:
        further = verbatim_of(row)
        yield tsv_line(
            (core, *(row.get(name) for name, _ in columns), *(further.get(field.header) for field in beyond))
        )


def descriptor_table(element: str, row_type: str, file: str, fields: Sequence[Field]) -> str:
    """A table of meta.xml; `element` is core or extension."""
    identity = "id" if element == "core" else "coreid"
    named = (
        f"    <field index={quoteattr(str(place))} term={quoteattr(field.term)}/>\n"
        for place, field in enumerate(fields, 1)
        if field.term is not None
    )
    return (
        f'  <{element} encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" '
        f'fieldsEnclosedBy="" ignoreHeaderLines="1" rowType={quoteattr(row_type)}>\n'
        f'    <files><location>{file}</location></files>\n    <{identity} index="0"/>\n'
        f"{''.join(named)}  </{element}>\n"
    )


def _is_iri(key: str) -> bool:
    try:
        parts = urlsplit(key)
    except ValueError:  # a bracket that is not closed
        return False
    # It stands in meta.xml, which cannot hold every character (XML 1.0, section 2.2).
    plain = fits_xml(key) and not any(map(str.isspace, key))
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)
