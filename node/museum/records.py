"""Turn a catalogued specimen into its Darwin Core and Audiovisual Core values.

Records are CC0; images carry licences of their own (CC BY, CC BY-NC, CC0), because these are two rights.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

from node.museum.addresses import image_url, page_url
from node.museum.catalogue import INSTITUTION, INSTITUTION_CODE, Picture, Specimen
from node.museum.sheets.sizes import picture_size
from node.museum.vocabulary import MULTIMEDIA_TERMS, OCCURRENCE_TERMS, local_name

RECORD_LICENCE = "http://creativecommons.org/publicdomain/zero/1.0/legalcode"


class Collection(NamedTuple):
    """What all specimens of a collection share."""

    title: str
    basis: str
    preparations: str
    code: str
    photographer: str
    licence: str
    licence_name: str


COLLECTIONS = {
    "HERB": Collection(
        "Herbarium",
        "PreservedSpecimen",
        "herbarium sheet",
        "ICN",
        "Wilma Drew",
        "http://creativecommons.org/licenses/by/4.0/",
        "CC BY 4.0",
    ),
    "ENT": Collection(
        "Entomology",
        "PreservedSpecimen",
        "pinned",
        "ICZN",
        "Noor Atelier",
        "http://creativecommons.org/licenses/by-nc/4.0/",
        "CC BY-NC 4.0",
    ),
    "PAL": Collection(
        "Palaeontology",
        "FossilSpecimen",
        "dry, in tray",
        "ICZN",
        "Noor Atelier",
        "http://creativecommons.org/publicdomain/zero/1.0/",
        "CC0 1.0",
    ),
    "ICH": Collection(
        "Ichthyology",
        "PreservedSpecimen",
        "in alcohol",
        "ICZN",
        "",
        "http://creativecommons.org/licenses/by/4.0/",
        "CC BY 4.0",
    ),
}


def occurrence_id(catalog_number: str) -> str:
    """Give the specimen's stable identifier, the same in both versions."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{INSTITUTION_CODE}:{catalog_number}')}"


def occurrence_row(specimen: Specimen, base_url: str) -> tuple[str, ...]:
    """Give what follows the core id on one line of occurrence.txt, in the order of `OCCURRENCE_TERMS`."""
    facts, collection = specimen.facts, COLLECTIONS[specimen.collection]
    genus, _, epithet = facts["scientificName"].partition(" ")
    given = {
        **facts,
        "type": "PhysicalObject",
        "modified": _modified(specimen),
        "license": RECORD_LICENCE,
        "rightsHolder": INSTITUTION,
        "references": page_url(base_url, specimen.catalog_number),
        "institutionCode": INSTITUTION_CODE,
        "collectionCode": specimen.collection,
        "basisOfRecord": collection.basis,
        "informationWithheld": facts["withheld"],
        "occurrenceID": occurrence_id(specimen.catalog_number),
        "preparations": collection.preparations,
        "occurrenceRemarks": facts["remarks"],
        "year": facts["eventDate"][:4],
        "minimumElevationInMeters": facts["elevation"],
        "decimalLatitude": facts["latitude"],
        "decimalLongitude": facts["longitude"],
        "geodeticDatum": "WGS84" if facts["latitude"] else "",
        "coordinateUncertaintyInMeters": facts["uncertainty"],
        "scientificNameAuthorship": facts["authorship"],
        "scientificName": specimen.full_name,
        "genus": genus,
        "specificEpithet": epithet,
        "taxonRank": facts["rank"],
        "nomenclaturalCode": collection.code,
    }
    return tuple(given[local_name(term)] for term in OCCURRENCE_TERMS)


def multimedia_row(specimen: Specimen, base_url: str) -> tuple[str, ...]:
    """Give what follows the core id on one line of multimedia.txt, in the order of `MULTIMEDIA_TERMS`.

    The row says nothing of the image's bytes, as is usual: a new photograph at the same address leaves the
    row as it was.
    """
    collection = COLLECTIONS[specimen.collection]
    width, height = picture_size(specimen.collection)
    given = {
        "identifier": f"{occurrence_id(specimen.catalog_number)}#image",
        "type": "http://purl.org/dc/dcmitype/StillImage",
        "subtypeLiteral": "Photograph",
        "title": f"{specimen.full_name} ({specimen.catalog_number})",
        "description": f"{collection.preparations.capitalize()} with label, ruler and colour checker.",
        "accessURI": image_url(base_url, specimen.catalog_number),
        "format": "image/jpeg",
        "PixelXDimension": str(width),
        "PixelYDimension": str(height),
        "CreateDate": "2024-02-12",
        "creator": collection.photographer,
        "rights": f"© {INSTITUTION}, {collection.licence_name}",
        "WebStatement": collection.licence,
        "UsageTerms": collection.licence_name,
        "Owner": INSTITUTION,
        "furtherInformationURL": page_url(base_url, specimen.catalog_number),
        "providerManagedID": f"{specimen.catalog_number}-1",
    }
    return tuple(given[local_name(term)] for term in MULTIMEDIA_TERMS)


def has_image_row(specimen: Specimen) -> bool:
    """Tell whether the archive announces an image for this specimen."""
    return specimen.picture is not Picture.NONE


def _modified(specimen: Specimen) -> str:
    """Date the record: what exists only since version 2 was written after version 1 came out."""
    return "2024-09-10" if specimen.facts["versions"] == "2" else "2024-02-20"
