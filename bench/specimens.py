"""Specimen records from a fixed seed, skewed as published ones are, straight into an index.

The skews are those of 26 herbaria's archives (149,000 occurrences): how many values a column has, how many
records lack one, how common the commonest are. The values themselves are made up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.harness import say
from node.index import Index

_SEED = 20240117
_BATCH = 250_000
_SEGMENT = 500_000
_SYLLABLES = ("an", "bel", "car", "dor", "ex", "fol", "gra", "hel", "ir", "jun", "kal", "lin", "mor", "nep",
              "or", "pal", "quer", "ros", "sal", "tri", "ul", "ver", "xan", "yuc", "zin")  # fmt: skip
_FAMILIES, _GENERA, _EPITHETS, _TAXA = 680, 9_000, 30_000, 120_000
_WORDS, _PEOPLE, _HOLDERS = 40_000, 300_000, 60
# Shares of the records that have a value.
_DATED, _COLLECTED, _PLACED, _LOCATED, _WITH_MEDIA = 0.55, 0.62, 0.12, 0.45, 0.78

_INSERT = """
INSERT INTO specimen BY NAME
SELECT 0 AS log, i // {segment} + 1 AS log_index, i % {segment} + 1 AS row, 'public' AS access,
    true AS current, 'museum ' || holder AS source, 'id-' || i AS id,
    'urn:uuid:' || md5(i::VARCHAR) AS occurrenceID, 'M' || lpad(i::VARCHAR, 8, '0') AS catalogNumber,
    CASE WHEN has < 0.4 THEN (i % 997)::VARCHAR END AS recordNumber, 'INST' || holder AS institutionCode,
    'COLL' || collection AS collectionCode, 'PreservedSpecimen' AS basisOfRecord,
    CASE WHEN typed < 0.006 THEN 'Holotype' WHEN typed < 0.02 THEN 'Isotype' END AS typeStatus,
    CASE WHEN has < {collected} THEN 'Collector ' || person END AS recordedBy,
    CASE WHEN has < {dated} THEN printf('%d-%02d-%02d', year, month, day) END AS eventDate,
    CASE WHEN has < {dated} THEN year::VARCHAR END AS year,
    CASE WHEN has < {dated} THEN year END AS interpretedYear,
    'Country ' || country AS country, code AS countryCode, code AS interpretedCountryCode,
    CASE WHEN has < 0.85 THEN 'State ' || country || '-' || state END AS stateProvince,
    CASE WHEN has < 0.6 THEN 'County ' || country || '-' || state || '-' || county END AS county,
    CASE WHEN has < {located} THEN w1 || ' ' || w2 || ', ' || w3 || ' ' || w4 || ' ' || w5 || ' ' || w6
        || ' ' || (i % 300) || ' m; ' || w7 END AS locality,
    CASE WHEN has > 0.8 THEN w8 || ' forest, ' || w1 || ' soil' END AS habitat,
    CASE WHEN placed < {placed} THEN lat::VARCHAR END AS decimalLatitude,
    CASE WHEN placed < {placed} THEN lon::VARCHAR END AS decimalLongitude,
    CASE WHEN placed < {placed} THEN lat::VARCHAR END AS interpretedLatitude,
    CASE WHEN placed < {placed} THEN lon::VARCHAR END AS interpretedLongitude,
    'Plantae' AS kingdom, 'Tracheophyta' AS phylum, 'Class ' || number % 7 AS class,
    'Order ' || number % 80 AS "order", family, genus, name AS scientificName,
    regexp_extract(name, '^\\S+ \\S+') AS interpretedName,
    CASE WHEN flag > 3 THEN 'FLAG_' || flag END AS qualityFlags
FROM drawn JOIN taxa ON taxa.number = drawn.taxon
"""
_INSERT_MEDIA = """
INSERT INTO media BY NAME
SELECT 0 AS log, i // {segment} + 101 AS log_index, i % {segment} + 1 AS row, 'public' AS access,
    true AS current, 'museum ' || holder AS source, 'id-' || i AS id,
    'https://images.example/' || i || '.jpg' AS accessURI, 'licence ' || licence AS license,
    CASE licence WHEN 1 THEN 'CC-BY-4.0' WHEN 2 THEN 'CC0-1.0' WHEN 3 THEN 'CC-BY-NC-4.0' END AS licenseSPDX
FROM drawn WHERE has < {media}
"""


def specimens(work: Path, count: int) -> Path:
    """The folder with an index of so many records; made once, then found again."""
    folder = work / f"specimens-{count}-{_SEED}"
    if (folder / "index.duckdb").is_file():
        return folder
    say(f"making {count:,} specimen records ...")
    unfinished = folder.with_suffix(".unfinished")
    unfinished.mkdir(parents=True, exist_ok=True)
    (unfinished / "index.duckdb").unlink(missing_ok=True)
    with Index(unfinished / "index.duckdb", memory_limit="2GB") as index:
        index.connection.register("taxa", _taxa())
        for drawn in _draws(count):
            index.connection.register("drawn", drawn)
            index.connection.execute(_INSERT.format(segment=_SEGMENT, collected=_COLLECTED, dated=_DATED,
                                                    located=_LOCATED, placed=_PLACED))  # fmt: skip
            index.connection.execute(_INSERT_MEDIA.format(segment=_SEGMENT, media=_WITH_MEDIA))
        for number in range(1, count // _SEGMENT + 2):
            digest = hashlib.sha256(b"segment %d" % number).digest()
            index.connection.execute(
                "INSERT INTO leaf VALUES (0, ?, 'segment', ?, ?, 'specimen', NULL, 0, NULL, 'public')",
                [number, digest, digest],
            )
        index.connection.execute("CHECKPOINT")
    unfinished.rename(folder)
    return folder


def word(number: int) -> str:
    """A word for a number."""
    text, rest = "", number + len(_SYLLABLES)
    while rest:
        text, rest = text + _SYLLABLES[rest % len(_SYLLABLES)], rest // len(_SYLLABLES)
    return text


def _taxa() -> pa.Table:
    genera = _skewed(np.random.default_rng(_SEED), _TAXA, _GENERA) - 1
    names, families = [], []
    for number, genus in enumerate(genera):
        author = (
            "L." if number % 2 else f"({word(number % 500).capitalize()}) {word(number % 900).capitalize()}"
        )
        names.append(f"{word(_FAMILIES + genus).capitalize()} {word(number % _EPITHETS)} {author}")
        families.append(f"{word(int(genus) * 7919 % _FAMILIES).capitalize()}aceae")
    return pa.table({"number": np.arange(1, _TAXA + 1), "name": names, "family": families,
                     "genus": [name.split(" ")[0] for name in names]})  # fmt: skip


def _draws(count: int) -> Iterator[pa.Table]:
    """What each record has, by number; a batch at a time."""
    chance = np.random.default_rng(_SEED + 1)
    words = pa.array([word(number) for number in range(_WORDS)])
    codes = pa.array([f"{chr(65 + n % 26)}{chr(65 + n // 26)}" for n in range(221)])
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        drawn: dict[str, Any] = {"i": np.arange(start, start + size)}
        many = {"taxon": _TAXA, "country": 220, "state": 40, "county": 60, "holder": _HOLDERS,
                "collection": 6, "person": _PEOPLE, "flag": 30, "licence": 9}  # fmt: skip
        drawn |= {name: _skewed(chance, size, most) for name, most in many.items()}
        drawn |= {"year": 2021 - _skewed(chance, size, 220), "month": chance.integers(1, 13, size),
                  "day": chance.integers(1, 29, size)}  # fmt: skip
        drawn |= {name: chance.random(size) for name in ("has", "typed", "placed")}
        drawn["lat"] = chance.normal(38, 20, size).clip(-89, 89).round(5)
        drawn["lon"] = chance.normal(-60, 70, size).clip(-179, 179).round(5)
        drawn["code"] = codes.take(pa.array(drawn["country"]))
        drawn |= {f"w{n}": words.take(pa.array(_skewed(chance, size, _WORDS) - 1)) for n in range(1, 9)}
        yield pa.table(drawn)


def _skewed(chance: np.random.Generator, count: int, most: int) -> np.ndarray[Any, Any]:
    """Numbers from 1 to `most`, each so often as one over it (Zipf)."""
    return np.minimum(np.floor(most ** chance.random(count)), most).astype(np.int64)
