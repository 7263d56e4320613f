"""Terms and row types as archives write them, and the table and column that each belongs in."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from manifests.schema import TableSchema, columns_by_term
from manifests.tables import MEDIA, RECORD, SPECIMEN
from manifests.terms import AC, DC, DCTERMS, DWC, EXIF, PHOTOSHOP, VASCULUM, XMP, XMP_RIGHTS

GBIF = "http://rs.gbif.org/terms/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
SIMPLE_DARWIN_RECORD = "http://rs.tdwg.org/dwc/xsd/simpledarwincore/SimpleDarwinRecord"
OCCURRENCE = DWC + "Occurrence"
TAXON = DWC + "Taxon"
EVENT = DWC + "Event"
ASSOCIATED_MEDIA = DWC + "associatedMedia"

_PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "dwc": DWC,
        "dcterms": DCTERMS,
        "dct": DCTERMS,
        "dc": DC,
        "ac": AC,
        "xmp": XMP,
        "xmpRights": XMP_RIGHTS,
        "Iptc4xmpExt": IPTC,
        "exif": EXIF,
        "photoshop": PHOTOSHOP,
        "gbif": GBIF,
    }
)

# Kinds of row that stand for a specimen or an observation.
_SPECIMEN_TYPES = frozenset(
    DWC + name
    for name in [
        "Occurrence",
        "PreservedSpecimen",
        "FossilSpecimen",
        "LivingSpecimen",
        "MaterialSample",
        "MaterialEntity",
        "MaterialCitation",
        "HumanObservation",
        "MachineObservation",
        "DarwinCore",
        "DarwinRecord",
    ]
) | {
    SIMPLE_DARWIN_RECORD,
    "http://rs.tdwg.org/dwc/dwctype/Occurrence",
    "http://rs.tdwg.org/dwc/terms/occurrence",
}

_MEDIA_TYPES = frozenset(
    {
        GBIF + "Multimedia",
        GBIF + "Image",
        GBIF + "Images",
        AC + "Multimedia",
        AC + "Media",
        AC + "MultimediaResource",
        "http://rs.tdwg.org/ac/Multimedia",
        "http://rs.tdwg.org/ac/terms/multimedia",
        "http://rs.tdwg.org/mrtg/Multimedia",
        "http://eol.org/schema/media/Document",
    }
)

# Row types that say no more than "Darwin Core": the terms tell what their rows are.
_VAGUE_TYPES = frozenset({SIMPLE_DARWIN_RECORD, DWC + "DarwinCore", DWC + "DarwinRecord"})

_SPECIMEN_NAMES = frozenset(["occurrenceid", "basisofrecord", "catalognumber", "recordedby"])
_PLACE_NAMES = frozenset(["decimallatitude", "eventdate", "locality", "country", "institutioncode"])


def expand(text: str) -> str:
    """A term or row type as a full IRI where its prefix is known; anything else as it stands, stripped."""
    text = text.strip()
    prefix, colon, local = text.partition(":")
    if colon and not local.startswith("//") and prefix in _PREFIXES:
        return _PREFIXES[prefix] + local
    return text


def table_of(row_type: str, *, core: bool, core_type: str) -> TableSchema:
    """The table that rows of this type land in.

    Occurrence rows that extend occurrence rows (verbatim.txt in a GBIF download) are the same specimens
    told again: they land in `record`, so that no specimen counts twice.
    """
    if row_type in _MEDIA_TYPES:
        return MEDIA
    if row_type in _SPECIMEN_TYPES and (core or core_type not in _SPECIMEN_TYPES):
        return SPECIMEN
    return RECORD


def _key(term: str) -> str:
    return term.removeprefix("https://").removeprefix("http://").lower()


@lru_cache(maxsize=8)
def _lookup(table: TableSchema) -> Mapping[str, str]:
    by_term = {_key(term): column for term, column in columns_by_term(table).items()}
    short = {
        column.name.lower(): column.name for column in table.columns if not column.term.startswith(VASCULUM)
    }
    return MappingProxyType({**short, **by_term})


def column_of(term: str, table: TableSchema) -> str | None:
    """The column that takes a term: a full IRI (any letter case, http or https) or a short name."""
    return _lookup(table).get(_key(term))


def is_columns_own(term: str, column: str, table: TableSchema) -> bool:
    """Whether the term is the column's own, not an alias of it."""
    return _key(term) in (_key(table.column(column).term), column.lower())


def row_type_of_terms(terms: Iterable[str]) -> str | None:
    """The row type that terms (IRIs or headers) tell of, or None where they name nothing of Darwin Core.

    A stray list has columns such as "name" or "type" too; it takes an identifier, or a scientific name, to
    be ours.
    """
    names = {local_name(term).lower() for term in terms}
    if names & _SPECIMEN_NAMES:
        return OCCURRENCE
    if "taxonid" in names:
        return TAXON
    if "eventid" in names:
        return EVENT
    if "scientificname" in names:
        return OCCURRENCE if names & _PLACE_NAMES else TAXON
    return None


def settled_row_type(row_type: str, terms: Iterable[str]) -> str:
    """The row type as declared, or where that is vague, as the terms tell."""
    return (row_type_of_terms(terms) or row_type) if row_type in _VAGUE_TYPES else row_type


def local_name(term: str) -> str:
    """What stands behind the last `/`, `#` or `:` of a term."""
    return re.split("[/#:]", term.strip())[-1]
