"""A Darwin Core Archive drawn with a fixed seed: occurrences, and a media row for each."""

from __future__ import annotations

import csv
import random
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

SEED = 20_240_501
DWC = "http://rs.tdwg.org/dwc/terms/"
DCTERMS = "http://purl.org/dc/terms/"
AC = "http://rs.tdwg.org/ac/terms/"

_IN_DCTERMS = frozenset({"license", "modified", "language"})
_NAMED = """
basisOfRecord occurrenceID catalogNumber institutionCode collectionCode recordedBy recordNumber eventDate year
month day habitat country stateProvince county locality decimalLatitude decimalLongitude geodeticDatum
coordinateUncertaintyInMeters minimumElevationInMeters scientificName scientificNameAuthorship taxonRank
kingdom phylum class order family genus specificEpithet identifiedBy dateIdentified license modified language
fieldNotes
"""
OCCURRENCE = tuple((DCTERMS if name in _IN_DCTERMS else DWC) + name for name in re.findall(r"\w+", _NAMED))
MEDIA = (
    *(
        DCTERMS + name
        for name in ["identifier", "type", "format", "title", "creator", "rightsHolder", "license", "created"]
    ),
    AC + "accessURI",
    DWC + "rating",
)
_NAMES = (("Rosaceae", "Rosa", "canina"), ("Fabaceae", "Vicia", "cracca"), ("Poaceae", "Poa", "annua"))
_PEOPLE = ("Müller, K.", "L. O'Neill", "Ana Silva", "J. Smith & co")


def kept_archive(work: Path, rows: int) -> Path:
    """The archive with so many occurrences; made once, then found again."""
    folder = work / f"dwca-{rows}"
    folder.mkdir(exist_ok=True)
    archive = folder / "archive.zip"
    if not archive.exists():
        fresh = folder / "archive.new"
        draw_archive(fresh, rows)
        fresh.rename(archive)
    return archive


def draw_archive(path: Path, rows: int) -> None:
    """A zip with `rows` occurrences and as many media rows, about 600 bytes for both."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("meta.xml", _meta())
        _write(archive, "occurrences.csv", ("id", *OCCURRENCE), _occurrences(rows))
        _write(archive, "multimedia.csv", ("coreid", *MEDIA), _media(rows))


def _meta() -> str:
    standard = r'encoding="UTF-8" fieldsTerminatedBy="," linesTerminatedBy="\n" fieldsEnclosedBy="&quot;"'
    parts = []
    for kind, key, name, row_type, terms in (
        ("core", "id", "occurrences.csv", DWC + "Occurrence", OCCURRENCE),
        ("extension", "coreid", "multimedia.csv", AC + "Multimedia", MEDIA),
    ):
        fields = "".join(f'<field index="{i}" term="{term}"/>' for i, term in enumerate(terms, 1))
        parts.append(
            f'<{kind} {standard} ignoreHeaderLines="1" rowType="{row_type}">'
            f'<files><location>{name}</location></files><{key} index="0"/>{fields}</{kind}>'
        )
    return f'<archive xmlns="http://rs.tdwg.org/dwc/text/">{"".join(parts)}</archive>'


def _write(
    archive: zipfile.ZipFile, name: str, header: tuple[str, ...], rows: Iterator[list[object]]
) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=name, encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow([term.rpartition("/")[2] for term in header])
        writer.writerows(rows)
        table.flush()
        archive.write(table.name, name)


def _occurrences(rows: int) -> Iterator[list[object]]:
    chance = random.Random(SEED)
    for i in range(rows):
        family, genus, epithet = _NAMES[i % 3]
        year, month, day = 1850 + i % 170, 1 + i % 12, 1 + i % 28
        key = f"urn:uuid:{chance.getrandbits(128):032x}"
        date = f"{year}-{month:02d}-{day:02d}"
        place = f"near village {chance.randrange(90_000)}, by the road"
        latitude, longitude = f"{52 + chance.random():.5f}", f"{13 + chance.random():.5f}"
        note = 'dry slope, "north" side' if i % 7 == 0 else "dry slope"
        yield [
            *(i, "PreservedSpecimen", key, f"B 10 {i:07d}", "B", "HERB", _PEOPLE[i % 4], i % 5000),
            *(date, year, month, day, "meadow", "Germany", "Brandenburg", "", place, latitude, longitude),
            *("WGS84", 100, i % 900, f"{genus} {epithet} L.", "L.", "species", "Plantae", "Tracheophyta"),
            *("Magnoliopsida", "", family, genus, epithet, _PEOPLE[(i + 1) % 4], year + 1, "CC-BY-4.0"),
            *("2024-01-01", "en", note),
        ]


def _media(rows: int) -> Iterator[list[object]]:
    for i in range(rows):
        address = f"https://media.example.org/sheets/{i:09d}"
        title = f"Sheet {i}, {_NAMES[i % 3][1]}"
        yield [
            *(i, address, "StillImage", "image/jpeg", title, _PEOPLE[i % 4], "BGBM"),
            *("http://creativecommons.org/licenses/by/4.0/", 1990 + i % 30, address + ".jpg", i % 6),
        ]
