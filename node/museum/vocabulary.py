"""The term IRIs of the museum's archive (Darwin Core 2023-09, Audiovisual Core 2024, Dublin Core)."""

from __future__ import annotations

DWC = "http://rs.tdwg.org/dwc/terms/"
AC = "http://rs.tdwg.org/ac/terms/"
DC = "http://purl.org/dc/elements/1.1/"
DCTERMS = "http://purl.org/dc/terms/"
XMP = "http://ns.adobe.com/xap/1.0/"
XMP_RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
EXIF = "http://ns.adobe.com/exif/1.0/"

OCCURRENCE_ROW = DWC + "Occurrence"
MULTIMEDIA_ROW = AC + "Multimedia"

OCCURRENCE_TERMS = (
    DCTERMS + "type",
    DCTERMS + "modified",
    DCTERMS + "license",
    DCTERMS + "rightsHolder",
    DCTERMS + "references",
    *(
        DWC + name
        for name in (
            "institutionCode",
            "collectionCode",
            "basisOfRecord",
            "informationWithheld",
            "occurrenceID",
            "catalogNumber",
            "recordNumber",
            "recordedBy",
            "sex",
            "preparations",
            "occurrenceRemarks",
            "eventDate",
            "year",
            "habitat",
            "countryCode",
            "country",
            "stateProvince",
            "locality",
            "minimumElevationInMeters",
            "decimalLatitude",
            "decimalLongitude",
            "geodeticDatum",
            "coordinateUncertaintyInMeters",
            "typeStatus",
            "identifiedBy",
            "dateIdentified",
            "scientificName",
            "scientificNameAuthorship",
            "kingdom",
            "phylum",
            "class",
            "order",
            "family",
            "genus",
            "specificEpithet",
            "taxonRank",
            "nomenclaturalCode",
        )
    ),
)

MULTIMEDIA_TERMS = (
    DCTERMS + "identifier",
    DCTERMS + "type",
    AC + "subtypeLiteral",
    DCTERMS + "title",
    DCTERMS + "description",
    AC + "accessURI",
    DC + "format",
    EXIF + "PixelXDimension",
    EXIF + "PixelYDimension",
    XMP + "CreateDate",
    DC + "creator",
    DCTERMS + "rights",
    XMP_RIGHTS + "WebStatement",
    XMP_RIGHTS + "UsageTerms",
    XMP_RIGHTS + "Owner",
    AC + "furtherInformationURL",
    AC + "providerManagedID",
)


def local_name(term: str) -> str:
    """Give the part of an IRI after its last slash, as archives head their columns."""
    return term.rpartition("/")[2]
