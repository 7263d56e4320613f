"""The specimen table: one row for each published specimen record, under Darwin Core's own names."""

from manifests.schema import TableSchema
from manifests.tables.common import ACCOUNT, COMMITMENT, ORIGIN, darwin, dublin
from manifests.tables.interpreted import OF_SPECIMEN

_IDENTITY = (
    darwin("occurrenceID", "The publisher's identifier of the occurrence record."),
    darwin("catalogNumber", "The specimen's number in its collection's catalogue."),
    darwin("otherCatalogNumbers", "Former or other catalogue numbers of the specimen."),
    darwin("recordNumber", "The number that the collector gave it in the field."),
    darwin("fieldNumber", "The number of the collecting event in the field notes."),
    darwin("institutionCode", "Acronym of the institution that holds the specimen."),
    darwin("institutionID", "Identifier of the institution that holds the specimen."),
    darwin("collectionCode", "Acronym or name of the collection."),
    darwin("collectionID", "Identifier of the collection."),
    darwin("datasetID", "Identifier of the dataset that the record belongs to."),
    darwin("datasetName", "Name of the dataset that the record belongs to."),
    darwin("basisOfRecord", "What the record rests on, such as PreservedSpecimen."),
    darwin("preparations", "How the specimen is prepared and preserved."),
    darwin("typeStatus", "Of which names the specimen is a type."),
    darwin("sex", "The specimen's sex."),
    darwin("lifeStage", "The specimen's age class or life stage."),
    darwin("individualCount", "How many individuals the record stands for."),
)
_COLLECTING = (
    darwin("recordedBy", "Who collected it, as published."),
    darwin("recordedByID", "Identifiers of who collected it."),
    darwin("eventDate", "When it was collected, as a date or an interval."),
    darwin("year", "The four-digit year of collecting."),
    darwin("month", "The month of collecting."),
    darwin("day", "The day of the month of collecting."),
    darwin("verbatimEventDate", "When it was collected, as the label says."),
    darwin("habitat", "The habitat at the place of collecting."),
    darwin("occurrenceRemarks", "Remarks about the record."),
)
_PLACE = (
    darwin("continent", "The continent."),
    darwin("country", "The country by name."),
    darwin("countryCode", "The country by its ISO 3166-1 alpha-2 code."),
    darwin("stateProvince", "The first administrative division below the country."),
    darwin("county", "The second administrative division below the country."),
    darwin("municipality", "The third administrative division below the country."),
    darwin("locality", "The place of collecting in words."),
    darwin("decimalLatitude", "Latitude in decimal degrees, as published."),
    darwin("decimalLongitude", "Longitude in decimal degrees, as published."),
    darwin("geodeticDatum", "The reference system of the coordinates."),
    darwin("coordinateUncertaintyInMeters", "Radius in metres of the circle that holds the place."),
    darwin("minimumElevationInMeters", "Lower bound of the elevation, in metres."),
    darwin("maximumElevationInMeters", "Upper bound of the elevation, in metres."),
)
_TAXON = (
    darwin("taxonID", "The publisher's identifier of the taxon."),
    darwin("scientificName", "The full scientific name."),
    darwin("scientificNameAuthorship", "The author of the scientific name."),
    darwin("taxonRank", "The rank of the most specific name."),
    darwin("kingdom", "The kingdom."),
    darwin("phylum", "The phylum or division."),
    darwin("class", "The class."),
    darwin("order", "The order."),
    darwin("family", "The family."),
    darwin("genus", "The genus."),
    darwin("specificEpithet", "The species epithet."),
    darwin("infraspecificEpithet", "The lowest epithet below the species."),
    darwin("vernacularName", "A common name."),
    darwin("identifiedBy", "Who determined the specimen."),
    darwin("dateIdentified", "When the specimen was determined."),
)
# These speak of the record. What may be done with a picture stands in the media table alone.
_RIGHTS = (
    dublin("license", "Licence of the record, not of its media."),
    dublin("rights", "Statement of rights in the record, not in its media."),
    dublin("rightsHolder", "Who holds the rights in the record, not in its media."),
    dublin("accessRights", "Who may see the record, as the publisher states it."),
    dublin("bibliographicCitation", "How the publisher asks the record to be cited."),
    dublin("references", "Address of the publisher's own page about the record."),
    dublin("modified", "When the publisher last changed the record."),
    darwin("associatedMedia", "Addresses of media, where the archive gives no media rows."),
)

SPECIMEN_1 = TableSchema(
    "specimen", 1, (*ORIGIN, *_IDENTITY, *_COLLECTING, *_PLACE, *_TAXON, *_RIGHTS, *ACCOUNT)
)
SPECIMEN_2 = TableSchema(
    "specimen",
    2,
    (
        *SPECIMEN_1.columns,
        darwin("dataGeneralizations", "How the values told here were made less exact."),
        darwin("informationWithheld", "What is known of the specimen and not told here, and why."),
        COMMITMENT,
    ),
)

_SOUGHT = (
    darwin("verbatimLocality", "The place of collecting as the label says."),
    darwin("waterBody", "The sea, lake or river."),
    darwin("island", "The island."),
    darwin("minimumDepthInMeters", "Lesser depth below the surface, in metres."),
    darwin("maximumDepthInMeters", "Greater depth below the surface, in metres."),
    darwin("reproductiveCondition", "The specimen's reproductive condition, such as flowering."),
    darwin("occurrenceStatus", "Whether the taxon was present or absent."),
    darwin("nomenclaturalCode", "The nomenclatural code under which the scientific name was made."),
    darwin("identificationQualifier", "The doubt of who determined the specimen, such as cf. or aff."),
    darwin("earliestPeriodOrLowestSystem", "The earliest geological period of a fossil's layer."),
    darwin("latestPeriodOrHighestSystem", "The latest geological period of a fossil's layer."),
    darwin("earliestEpochOrLowestSeries", "The earliest geological epoch of a fossil's layer."),
    darwin("latestEpochOrHighestSeries", "The latest geological epoch of a fossil's layer."),
    darwin("earliestAgeOrLowestStage", "The earliest geological age of a fossil's layer."),
    darwin("latestAgeOrHighestStage", "The latest geological age of a fossil's layer."),
    darwin("formation", "The formation of rock that a fossil came from."),
)
SPECIMEN = TableSchema("specimen", 3, (*SPECIMEN_2.columns, *_SOUGHT, *OF_SPECIMEN))
