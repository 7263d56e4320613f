"""What the page of a record shows: what it says, its images, and what else is the same specimen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from manifests.citing import FORMATS
from manifests.row_uri import RowUri
from node.cite import cited_thing
from node.compose import Node
from node.duplicates.links import Link, links_of
from node.errors import NotFound
from node.index import Index
from node.look.access import require
from node.look.describe import written
from node.look.resolve import resolve
from node.look.things import RowThing
from node.policy import Principal
from node.web.things.shown import Shown, images_of

# The order in which a curator reads a record; what is not named here stands after it.
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "taxon": (
        "scientificName", "scientificNameAuthorship", "typeStatus", "kingdom", "phylum", "class", "order",
        "family", "genus", "vernacularName", "identifiedBy", "dateIdentified",
    ),
    "event": (
        "recordedBy", "recordNumber", "eventDate", "year", "country", "countryCode", "stateProvince",
        "county", "municipality", "locality", "habitat", "decimalLatitude", "decimalLongitude",
        "geodeticDatum",
        "coordinateUncertaintyInMeters", "minimumElevationInMeters", "maximumElevationInMeters",
    ),
    "specimen": (
        "institutionCode", "institutionID", "collectionCode", "collectionID", "catalogNumber",
        "otherCatalogNumbers", "occurrenceID", "basisOfRecord", "preparations", "disposition", "datasetName",
        "license", "rightsHolder", "references",
    ),
}  # fmt: skip
_PLACED: Final = frozenset(name for names in SECTIONS.values() for name in names)
# What holds the record in its place, not what it says.
_OURS: Final = frozenset(
    {"source", "sourceRow", "file", "revisionOf", "change", "id", "verbatim", "commitments", "salt"}
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as its page shows it.

    Attributes:
        uri: Its address.
        name: What it is called by.
        current: Whether the publisher still says it so.
        sections: What it says, in the order of `SECTIONS` and the rest.
        interpreted: How this node read it, where that was not plain.
        verbatim: Terms without a column.
        images: What it shows, that is here or was.
        links: What else is the same specimen or gathering.
        source: Its line in the published archive.
        physical: Where the specimen itself is told of, if its identifiers say it.
        citations: By format.
    """

    uri: RowUri
    name: str
    current: bool
    sections: Mapping[str, Mapping[str, Any]]
    interpreted: Mapping[str, Any]
    verbatim: Mapping[str, Any]
    images: tuple[Shown, ...]
    links: tuple[Link, ...]
    source: str | None
    physical: str | None
    citations: Mapping[str, str]


def read_record(node: Node, index: Index, uri: RowUri, principal: Principal) -> Record:
    """Gather what there is to show.

    Raises:
        NotFound: there is no such record, or it is not to be seen.
        Withdrawn: it was taken back.
    """
    thing = resolve(node, index, str(uri))
    if not isinstance(thing, RowThing) or thing.table != "specimen":
        raise NotFound("There is no such record here.")
    require(index, thing, principal)
    values = [thing.log, thing.log_index, uri.row]
    row = index.one("SELECT * FROM specimen WHERE log = ? AND log_index = ? AND row = ?", values)
    if row is None:
        raise NotFound("There is no such record here.")
    said = written("specimen", row)
    return Record(
        uri,
        said.get("scientificName") or said.get("genus") or said.get("family") or str(uri),
        bool(row["current"]),
        _sections(said),
        {
            name: value
            for name, value in said.items()
            if name.startswith("interpreted") or name == "qualityFlags"
        },
        json.loads(said.get("verbatim") or "{}"),
        images_of(index, row, principal),
        tuple(links_of(index, thing, principal)),
        said.get("sourceRow"),
        _address(said.get("occurrenceID"), said.get("references")),
        _citations(node, index, thing),
    )


def _sections(said: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    sections = {
        section: {name: said[name] for name in names if said.get(name) not in (None, "")}
        for section, names in SECTIONS.items()
    }
    rest = {
        name: value
        for name, value in said.items()
        if name not in _PLACED
        and name not in _OURS
        and not name.startswith("interpreted")
        and name != "qualityFlags"
    }
    return {**sections, "rest": {name: value for name, value in rest.items() if value not in (None, "")}}


def _address(*said: str | None) -> str | None:
    """The first that a browser can follow; what a stranger wrote is followed by nobody else."""
    return next((one for one in said if one and one.startswith(("https://", "http://"))), None)


def _citations(node: Node, index: Index, thing: RowThing) -> dict[str, str]:
    try:
        cited = cited_thing(node, index, thing)
    except NotFound:
        return {}
    return {form: FORMATS[form](cited).strip() for form in ("text", "bibtex")}
