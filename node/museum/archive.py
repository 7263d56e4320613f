"""Write the museum's Darwin Core Archive: occurrence core, Audiovisual Core extension, EML.

The archive of a version is a pure function of the version and the server's address, down to the byte (for one
release of zlib): dates in the zip are fixed, rows stand in catalogue order. Format: Darwin Core Text Guide,
TDWG 2023.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from xml.sax.saxutils import quoteattr

from node.museum.catalogue import specimens
from node.museum.eml import eml_document
from node.museum.records import has_image_row, multimedia_row, occurrence_id, occurrence_row
from node.museum.vocabulary import (
    MULTIMEDIA_ROW,
    MULTIMEDIA_TERMS,
    OCCURRENCE_ROW,
    OCCURRENCE_TERMS,
    local_name,
)

_ZIP_DATES = {1: (2024, 3, 4, 9, 0, 0), 2: (2024, 9, 16, 9, 0, 0)}


def archive(version: int, base_url: str) -> bytes:
    """Write the archive that a version of the museum publishes.

    Args:
        version: 1 or 2.
        base_url: Address of the server without a trailing slash; it stands in every `accessURI`.

    Returns:
        A zip with meta.xml, eml.xml, occurrence.txt and multimedia.txt (tabs, UTF-8, one header line).

    Raises:
        UnknownVersion: There is no such version.
    """
    held = specimens(version)
    members = {
        "meta.xml": meta_document(),
        "eml.xml": eml_document(version, base_url),
        "occurrence.txt": _table(
            ("id", *map(local_name, OCCURRENCE_TERMS)),
            ((occurrence_id(s.catalog_number), *occurrence_row(s, base_url)) for s in held),
        ),
        "multimedia.txt": _table(
            ("coreid", *map(local_name, MULTIMEDIA_TERMS)),
            (
                (occurrence_id(s.catalog_number), *multimedia_row(s, base_url))
                for s in held
                if has_image_row(s)
            ),
        ),
    }
    return _zip(members, version)


def meta_document() -> str:
    """Write meta.xml, the archive's table of contents."""
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<archive xmlns="http://rs.tdwg.org/dwc/text/" metadata="eml.xml">',
            *_file_element("core", "id", OCCURRENCE_ROW, "occurrence.txt", OCCURRENCE_TERMS),
            *_file_element("extension", "coreid", MULTIMEDIA_ROW, "multimedia.txt", MULTIMEDIA_TERMS),
            "</archive>",
            "",
        )
    )


def _file_element(
    element: str, key: str, row_type: str, location: str, terms: Sequence[str]
) -> Iterable[str]:
    yield (
        f'  <{element} encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy="" '
        f'ignoreHeaderLines="1" rowType={quoteattr(row_type)}>'
    )
    yield f"    <files><location>{location}</location></files>"
    yield f'    <{key} index="0"/>'
    for index, term in enumerate(terms, start=1):
        yield f'    <field index="{index}" term={quoteattr(term)}/>'
    yield f"  </{element}>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (header, *rows))


def _zip(members: dict[str, str], version: int) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive_file:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, _ZIP_DATES[version])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Else it follows the machine, and so would the bytes.
            entry.external_attr = 0o644 << 16
            archive_file.writestr(entry, text.encode())
    return buffer.getvalue()
