"""What of a row may stay where the place of collecting is withheld: these columns and terms, and no others.

The day and the collector's numbers are not among them: whoever collected on one day was in one place, and
other specimens of that day tell which.
"""

from __future__ import annotations

from typing import Final

from manifests.terms import DC, DCTERMS, DWC

# fmt: off
SPECIMEN_COLUMNS: Final = frozenset({
    "occurrenceID", "catalogNumber", "otherCatalogNumbers", "institutionCode", "institutionID",
    "collectionCode", "collectionID", "datasetID", "datasetName", "basisOfRecord", "preparations",
    "typeStatus", "sex", "lifeStage", "individualCount", "recordedBy", "recordedByID", "year",
    "continent", "country", "countryCode", "taxonID", "scientificName", "scientificNameAuthorship",
    "taxonRank", "kingdom", "phylum", "class", "order", "family", "genus", "specificEpithet",
    "infraspecificEpithet", "vernacularName", "identifiedBy", "license", "rights", "rightsHolder",
    "accessRights", "modified", "reproductiveCondition", "occurrenceStatus", "nomenclaturalCode",
    "identificationQualifier",
})
MEDIA_COLUMNS: Final = frozenset({
    "type", "subtype", "variantLiteral", "subjectPart", "subjectOrientation", "creator",
    "contributor", "publisher", "providerLiteral", "license", "rights", "rightsHolder",
    "accessRights", "usageTerms", "webStatement", "owner", "credit",
})
_DARWIN_CORE = {
    "acceptedNameUsage", "nameAccordingTo", "taxonomicStatus", "nomenclaturalCode",
    "nomenclaturalStatus", "subfamily", "tribe", "subtribe", "superfamily", "subgenus", "genericName",
    "higherClassification", "ownerInstitutionCode", "disposition", "identificationQualifier",
    "reproductiveCondition", "organismQuantity", "organismQuantityType", "occurrenceStatus",
}
# fmt: on
TERMS: Final = frozenset(
    {DWC + name for name in _DARWIN_CORE}
    | {DCTERMS + "language", DC + "language", DCTERMS + "type", DC + "type"}
)
