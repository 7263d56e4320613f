"""From the rows of a tracked archive of taxa to the file of a checklist."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crawlers.dwca.terms import TAXON
from manifests.access import AccessClass
from manifests.checklist import Taxon, checklist_bytes
from manifests.checklist.taxa import MOST_BYTES, MOST_TAXA
from manifests.quality.names import read_name
from manifests.terms import DWC
from node.errors import ChecklistError
from node.index import Index
from node.policy import Principal, decide

_LONGEST: Final = 1_000  # characters of a name or an id
_BELOW_GENUS: Final = frozenset(
    {"species", "subspecies", "variety", "subvariety", "form", "forma", "subform"}
)
_SOURCES: Final = """
SELECT source, count(*)::BIGINT AS names FROM record
WHERE current AND rowType = $kind AND access IN (SELECT unnest($shown)) GROUP BY source ORDER BY source
"""
_ROWS: Final = """
SELECT id, verbatim FROM record
WHERE current AND rowType = $kind AND access IN (SELECT unnest($shown)) AND source = $source
ORDER BY log, log_index, row
"""


@dataclass(slots=True)
class Made:
    """What came of an archive.

    Attributes:
        data: The file.
        names: How many names it has.
        synonyms: How many of them say that another is the accepted one.
        left_out: Rows without an id or a name that can be used.
        repeated: Rows with the id of one before.
        dangling: Ids of parents or accepted names that no row has.
    """

    data: bytes = b""
    names: int = 0
    synonyms: int = 0
    left_out: int = 0
    repeated: int = 0
    dangling: int = 0


def make_checklist(index: Index, source: str, advance: Callable[[int], object]) -> Made:
    """Make the file of a checklist out of a source's rows that anyone may see.

    Args:
        index: The open index.
        source: The source, as the rows name it.
        advance: Told how many rows were read.

    Raises:
        ChecklistError: there are no taxa of that source, or too many.
    """
    shown = [str(kind) for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed]
    asked = {"kind": TAXON, "shown": shown}
    found = {row["source"]: row["names"] for row in index.rows(_SOURCES, asked)}
    if source not in found:
        known = ", ".join(found) or "none; track a Darwin Core Archive of taxa first"
        raise ChecklistError(f"No taxa came from {source!r}. Sources of taxa are: {known}.")
    if found[source] > MOST_TAXA:
        raise ChecklistError(f"{source} has {found[source]:,} names; a checklist has at most {MOST_TAXA:,}.")
    made, taxa = Made(), dict[str, Taxon]()
    for row in index.stream(_ROWS, {**asked, "source": source}):
        _take(row, taxa, made)
        advance(1)
    if not taxa:
        raise ChecklistError(f"No row of {source} has both an id and a scientific name that can be used.")
    made.names = len(taxa)
    made.synonyms = sum(bool(taxon.accepted) for taxon in taxa.values())
    made.dangling = sum(one not in taxa for taxon in taxa.values() for one in taxon[3:] if one)
    made.data = checklist_bytes(taxa.values())
    if len(made.data) > MOST_BYTES:
        raise ChecklistError(
            f"The checklist of {source} would have {len(made.data):,} bytes; that is too many."
        )
    return made


def _take(row: Mapping[str, Any], taxa: dict[str, Taxon], made: Made) -> None:
    taxon = _taxon(row["id"], json.loads(row["verbatim"] or "{}"))
    if taxon is None:
        made.left_out += 1
    elif taxon.id in taxa:
        made.repeated += 1
    else:
        taxa[taxon.id] = taxon


def _taxon(row_id: str | None, said: Mapping[str, Any]) -> Taxon | None:
    def told(term: str) -> str:
        value = said.get(DWC + term)
        return value.strip(" ") if isinstance(value, str) else ""

    authors = told("scientificNameAuthorship")
    parts = (told(term) for term in ("genus", "specificEpithet", "infraspecificEpithet"))
    name = told("scientificName") or " ".join(part for part in parts if part)
    bare = _bare(name, authors, told("taxonRank"))
    if authors and not name.endswith(authors):
        name = f"{name} {authors}"
    own = (row_id or told("taxonID")).strip(" ")
    accepted = told("acceptedNameUsageID")
    values = (own, name, bare, "" if accepted == own else accepted, told("parentNameUsageID"))
    usable = own and name and all(len(value) <= _LONGEST for value in values)
    return Taxon(*(_plain(value) for value in values)) if usable else None


def _bare(name: str, authors: str, rank: str) -> str:
    """A name without its authors: where they are told, by what it ends with; else as the parser has it.

    Of names in a form that the parser does not know (`Lithobius Ezembius giganteus`) it may give the genus;
    that of a species is none.
    """
    if authors:
        return name.removesuffix(authors).rstrip(" ,")
    read = str(read_name(name, None, rank or None, None, None, None).values[0] or "")
    return read if " " in read or " " not in name or rank.lower() not in _BELOW_GENUS else ""


def _plain(value: str) -> str:
    """A followed log may hold anything; in a line of the file, tabs and line ends stand for themselves."""
    return " ".join(value.splitlines()).replace("\t", " ")


def taxa_sources(index: Index) -> Iterator[tuple[str, int]]:
    """Each source of taxa, with how many names anyone may see of it."""
    shown = [str(kind) for kind in AccessClass if decide(Principal.PUBLIC, kind).allowed]
    for row in index.rows(_SOURCES, {"kind": TAXON, "shown": shown}):
        yield row["source"], row["names"]
