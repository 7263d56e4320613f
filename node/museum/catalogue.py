"""The specimens of the museum: one invented catalogue, in two versions.

`specimens.tsv` is the museum's only source: drawings, archive, feed and pages all follow from it. Its
`versions` column says in which versions of the museum a row stands, and so what changes between two crawls: a
specimen in `1` alone was removed, in `2` alone was added, and one with a row for each was changed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from node.museum.errors import CatalogueError, UnknownVersion

VERSIONS = (1, 2)
INSTITUTION = "Museum of Drawn Specimens"
INSTITUTION_CODE = "MDS"


class Picture(StrEnum):
    """What a harvester finds at the address of a specimen's image."""

    DRAWN = "drawn"
    """A JPEG of its own."""
    COPY = "copy"
    """Exactly the bytes of another specimen's JPEG (two taxa on one sheet)."""
    MISSING = "missing"
    """404: announced, never uploaded."""
    PAGE = "page"
    """200 with an HTML page that says there is no image."""
    NONE = "none"
    """No media row at all."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One catalogued specimen, as the museum publishes it in one version.

    Text is empty where nothing is known. `facts` is the row under the column names of `specimens.tsv`;
    `pictured` is the row that stood when the picture was taken, and so what its label says.
    """

    catalog_number: str
    collection: str
    habit: str
    picture: Picture
    copy_of: str
    slip: tuple[str, ...]
    facts: Mapping[str, str]
    pictured: Mapping[str, str]

    @property
    def drawing(self) -> str:
        """Name the drawing that shows this specimen: its own number, or that of the sheet it shares."""
        return self.copy_of or self.catalog_number

    @property
    def full_name(self) -> str:
        """Give the scientific name with its authorship."""
        return f"{self.facts['scientificName']} {self.facts['authorship']}".strip()


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two versions, as catalogue numbers in order."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    rephotographed: tuple[str, ...]


def specimens(version: int) -> tuple[Specimen, ...]:
    """List what the museum holds in a version, in the order of the catalogue.

    Raises:
        UnknownVersion: There is no such version.
    """
    if version not in VERSIONS:
        raise UnknownVersion(version)
    return tuple(_specimen(row, version) for row in _rows() if str(version) in row["versions"].split("-"))


def changes() -> Changes:
    """Compare version 1 with version 2."""
    old = {specimen.catalog_number: specimen for specimen in specimens(1)}
    new = {specimen.catalog_number: specimen for specimen in specimens(2)}
    both = [number for number in new if number in old]
    return Changes(
        added=tuple(number for number in new if number not in old),
        removed=tuple(number for number in old if number not in new),
        changed=tuple(number for number in both if _told(old[number]) != _told(new[number])),
        rephotographed=tuple(number for number in both if old[number].slip != new[number].slip),
    )


def _told(specimen: Specimen) -> dict[str, str]:
    """Leave out the column that only says when a row is valid."""
    return {name: value for name, value in specimen.facts.items() if name != "versions"}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = files("node.museum").joinpath("specimens.tsv").read_text(encoding="utf-8")
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(_checked(row, line) for line, row in enumerate(reader, start=2))


def _checked(row: dict[str, str], line: int) -> dict[str, str]:
    if None in row or None in row.values():
        raise CatalogueError(line, "it has more or fewer fields than the header")
    kind = row["image"].partition(":")[0]
    if kind not in list(Picture):
        raise CatalogueError(line, f"image {row['image']!r} is none of {', '.join(Picture)}")
    return row


def _specimen(row: dict[str, str], version: int) -> Specimen:
    kind, _, copy_of = row["image"].partition(":")
    return Specimen(
        catalog_number=row["catalogNumber"],
        collection=row["collection"],
        habit=row["habit"],
        picture=Picture(kind),
        copy_of=copy_of,
        # The slip is what the new photograph of version 2 shows and the old one does not.
        slip=tuple(row["slip"].split("|")) if row["slip"] and version > 1 else (),
        facts=row,
        pictured=next(first for first in _rows() if first["catalogNumber"] == row["catalogNumber"]),
    )
