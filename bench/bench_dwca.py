"""Convert a Darwin Core Archive of a million occurrences and a million media rows into staging tables.

The peer is python-dwca-reader's plain iteration over core and extension rows, which unpacks, cuts and maps
fields as we do but keeps nothing; ours also cleans values, addresses every row by its line, checks ids and
writes Parquet, all in its box. The same archive for both, drawn with a fixed seed, quoted as Symbiota
quotes; it lies in the page cache. Run `python -m bench.bench_dwca`; rounds alternate, the best of each
counts.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import random
import re
import resource
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from dwca.read import DwCAReader

from crawlers.dwca import convert_archive
from hashstore.digest import Digest

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


@dataclass(frozen=True, slots=True)
class Figure:
    """Wall seconds, CPU seconds, and the peak memory in MiB of the largest process."""

    wall: float
    cpu: float
    memory: float


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


def ours(archive: Path) -> int:
    """Convert the archive; rows that landed."""
    with tempfile.TemporaryDirectory(prefix="bench-dwca-") as out:
        report = convert_archive(archive, Digest.of(b"bench"), "bench", Path(out))
        return sum(report.rows.values())


def peer(archive: Path) -> int:
    """Iterate over all rows by python-dwca-reader; rows seen."""
    with DwCAReader(str(archive)) as reader:
        files = (reader.core_file, *reader.extension_files)
        return sum(1 for file in files for _ in file.iter_rows())


def _measured(way: str, archive: Path, rows: int, answer: Connection) -> None:
    began = time.perf_counter()
    assert {"vasculum": ours, "python-dwca-reader": peer}[way](archive) == 2 * rows
    wall = time.perf_counter() - began
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(u.ru_utime + u.ru_stime for u in usage)
    answer.send(Figure(wall, cpu, max(u.ru_maxrss for u in usage) / 1024))


def measure(way: str, archive: Path, rows: int) -> Figure:
    """One round in a process of its own, so that memory is that round's."""
    mine, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_measured, args=(way, archive, rows, theirs)
    )
    process.start()
    theirs.close()
    try:
        figure: Figure = mine.recv()
        return figure
    finally:
        process.join()


def run(rows: int = 1_000_000, rounds: int = 3) -> tuple[Figure, Figure]:
    """The best round of ours and of python-dwca-reader."""
    best: dict[str, Figure] = {}
    with tempfile.TemporaryDirectory(prefix="bench-dwca-") as folder:
        archive = Path(folder) / "archive.zip"
        draw_archive(archive, rows)
        for _ in range(rounds):
            for way in ("python-dwca-reader", "vasculum"):
                figure = measure(way, archive, rows)
                best[way] = min(best.get(way, figure), figure, key=lambda one: one.wall)
    return best["vasculum"], best["python-dwca-reader"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    mine, theirs = run(options.rows, options.rounds)
    for name, figure in (("vasculum", mine), ("python-dwca-reader", theirs)):
        print(f"{name:20s} {figure.wall:6.1f} s  {figure.cpu:6.1f} s of CPU  {figure.memory:6.0f} MiB")
    print(f"{'ratio':20s} {theirs.wall / mine.wall:6.1f}")


if __name__ == "__main__":
    main()
