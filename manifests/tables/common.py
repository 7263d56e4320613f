"""Columns that several tables share: where a row came from, what happened to it, and its salt."""

from manifests.schema import Column, ColumnType
from manifests.terms import AC, DCTERMS, DWC, VASCULUM


def own(name: str, about: str, type: ColumnType = "string") -> Column:
    """A column that we define ourselves; its term is its name under our namespace."""
    return Column(name, type, VASCULUM + name, about)


def darwin(name: str, about: str) -> Column:
    """A column under its own Darwin Core name, a string as published."""
    return Column(name, "string", DWC + name, about)


def dublin(name: str, about: str) -> Column:
    """A column under its own Dublin Core (dcterms) name, a string as published."""
    return Column(name, "string", DCTERMS + name, about)


def audiovisual(name: str, about: str) -> Column:
    """A column under its own Audiovisual Core name, a string as published."""
    return Column(name, "string", AC + name, about)


SOURCE = own("source", "The name under which this node tracks the source.")
SOURCE_ROW = own("sourceRow", "Address of the physical line or lines in the published file, by its digest.")
FILE = own("file", "Name of the file in the archive that the row stands in.")
SALT = own("salt", "Random text that keeps a withheld row's hash from being guessed; absent in public rows.")

COMMITMENT = own(
    "commitment", "Salted commitment to the values that this row leaves out (spec/disclosure.md).", "digest"
)

ORIGIN = (
    SOURCE,
    SOURCE_ROW,
    FILE,
    own("id", "The record's id, or the core record's id in an extension row, as the archive gives it."),
)

ACCOUNT = (
    own("change", "What this row says about the source: added, changed or removed."),
    own("revisionOf", "URI of the earlier row that this one changes or removes; absent in an added row."),
    own("flags", "Codes of what was noticed or mended while the row was read, sorted.", "json"),
    own("verbatim", "Published values of terms that have no column here, by term IRI or header.", "json"),
    SALT,
)
