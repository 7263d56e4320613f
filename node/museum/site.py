"""Everything that stands on the museum's server in one version: a mapping from path to resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from node.museum.addresses import (
    ARCHIVE_PATH,
    EML_PATH,
    FEED_PATH,
    LIST_PATH,
    PRIVATE_PATH,
    ROBOTS_PATH,
    TABLE_PATH,
    image_path,
    image_url,
    mask_path,
    truth_path,
)
from node.museum.archive import archive
from node.museum.catalogue import Picture, Specimen, changes, specimens
from node.museum.eml import eml_document
from node.museum.feed import feed_document, published_at
from node.museum.pages import front_page, specimen_page
from node.museum.records import has_image_row
from node.museum.sheets.drawing import Drawing
from node.museum.web.faults import ERROR_PAGE
from node.museum.web.message import HTML, Resource

_PHOTOGRAPHED = datetime(2024, 2, 12, 15, 30, tzinfo=UTC)
_ROBOTS = "User-agent: *\nDisallow: /private/\n"


def site(version: int, base_url: str, drawings: Mapping[str, Drawing]) -> dict[str, Resource]:
    """Lay out the server of a version.

    Args:
        version: 1 or 2.
        base_url: The server's address without a trailing slash.
        drawings: The drawing of every specimen of this version that has one, by its name.

    Returns:
        Resources by path. A path that is absent answers 404; an image withdrawn in version 2 answers 410.
    """
    held = specimens(version)
    return {**dict(_documents(version, base_url, held)), **dict(_images(version, held, drawings))}


def _documents(version: int, base_url: str, held: Sequence[Specimen]) -> Iterator[tuple[str, Resource]]:
    moment = published_at(version)
    urls = [image_url(base_url, s.catalog_number) for s in held if has_image_row(s)]
    table = ["catalogNumber,scientificName,url", *_table_rows(base_url, held)]
    yield ARCHIVE_PATH, Resource(archive(version, base_url), "application/zip", moment)
    yield EML_PATH, _text(eml_document(version, base_url), "application/xml", moment)
    yield FEED_PATH, _text(feed_document(version, base_url), "application/rss+xml", moment)
    yield LIST_PATH, _text("\n".join(urls) + "\n", "text/plain; charset=utf-8", moment)
    yield TABLE_PATH, _text("\n".join(table) + "\n", "text/csv; charset=utf-8", moment)
    yield ROBOTS_PATH, _text(_ROBOTS, "text/plain; charset=utf-8", _PHOTOGRAPHED)
    yield PRIVATE_PATH, _text("Not for harvesters.\n", "text/plain; charset=utf-8", _PHOTOGRAPHED)
    yield "/", _text(front_page(held), HTML, moment)
    for specimen in held:
        yield f"/specimen/{specimen.catalog_number}", _text(specimen_page(specimen), HTML, moment)


def _images(
    version: int, held: Sequence[Specimen], drawings: Mapping[str, Drawing]
) -> Iterator[tuple[str, Resource]]:
    for specimen in held:
        path = image_path(specimen.catalog_number)
        moment = published_at(version) if specimen.slip else _PHOTOGRAPHED
        if specimen.picture is Picture.PAGE:
            yield path, Resource(ERROR_PAGE, HTML, _PHOTOGRAPHED)
        if specimen.picture in (Picture.DRAWN, Picture.COPY):
            yield path, Resource(drawings[specimen.drawing].jpeg, "image/jpeg", moment)
        if specimen.picture is Picture.DRAWN:
            drawing = drawings[specimen.drawing]
            yield truth_path(specimen.drawing), Resource(drawing.truth, "application/json", moment)
            yield mask_path(specimen.drawing), Resource(drawing.mask, "image/png", moment)
    if version > 1:
        for number in changes().removed:
            yield image_path(number), Resource(b"Withdrawn.", "text/plain", published_at(version), status=410)


def _table_rows(base_url: str, held: Sequence[Specimen]) -> Iterator[str]:
    for specimen in held:
        if has_image_row(specimen):
            number = specimen.catalog_number
            yield f"{number},{specimen.facts['scientificName']},{image_url(base_url, number)}"


def _text(text: str, media_type: str, modified: datetime) -> Resource:
    return Resource(text.encode(), media_type, modified)
