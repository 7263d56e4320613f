"""Columns that the program fills from a row's published values; these stay as they are beside them."""

from manifests.tables.common import own

_FLAGS = own("qualityFlags", "Codes of what looks doubtful in the row's values, sorted, a space between.")

OF_SPECIMEN = (
    _FLAGS,
    own("interpretedCountryCode", "The country that was meant: ISO 3166-1 alpha-2, upper case."),
    own("interpretedEventDate", "When it was collected: EDTF (ISO 8601-2), level 0 or 1."),
    own("interpretedYear", "The year of collecting, where all of it lies in one year.", "integer"),
    own("interpretedLatitude", "Latitude in degrees, -90 to 90, as a plain decimal."),
    own("interpretedLongitude", "Longitude in degrees, -180 to 180, as a plain decimal."),
    own("interpretedName", "The scientific name without authorship and annotations."),
    own("interpretedRank", "The rank of interpretedName, in lower case."),
    own("interpretedTypeStatus", "Kinds of type by Darwin Core's vocabulary, sorted, joined with ' | '."),
    own("interpretedBasisOfRecord", "What the record rests on, by Darwin Core's own class names."),
    own("specimenURI", "The stable HTTP URI of the specimen (CETAF), if the record tells one."),
    own("gatheringKey", "First collector's family name, number and date: what one gathering shares."),
)
OF_MEDIUM = (
    _FLAGS,
    own("licenseSPDX", "The medium's licence by its SPDX identifier; absent if unknown or contradictory."),
)
# No source publishes these; a row that is read again is the same row however they are filled by then.
INTERPRETED = frozenset(column.name for column in (*OF_SPECIMEN, *OF_MEDIUM))
