"""Filters as people ask them, each beside the SQL that a hand would write for a plain table."""

from __future__ import annotations

from typing import NamedTuple

from bench.specimens import word


class Question(NamedTuple):
    """One filter in both languages."""

    text: str
    sql: str


_FAMILY = f"{word(3 * 7919 % 680).capitalize()}aceae"
_GENUS = f"{word(680 + 40).capitalize()}"
_COMMON, _RARE = word(20), word(3_000)

QUESTIONS = (
    Question(f"family:{_FAMILY}", f"family = '{_FAMILY}'"),
    Question(f"taxon:{_GENUS}", f"genus = '{_GENUS}'"),
    Question("country:BA", "countryCode = 'BA'"),
    Question("country:CA AND date<1950", "countryCode = 'CA' AND eventDate < '1950'"),
    Question(f"family:{_FAMILY} AND country:BA AND year>=2000",
             f"family = '{_FAMILY}' AND countryCode = 'BA' AND eventDate >= '2000'"),
    Question("license:CC0-1.0", "licenseSPDX = 'CC0-1.0'"),
    Question("NOT license:unknown", "licenseSPDX IS NOT NULL"),
    Question("NOT country:BA", "countryCode <> 'BA'"),
    Question("typeStatus:Holotype", "typeStatus = 'Holotype'"),
    Question("typeStatus:* AND license:CC-BY-4.0", "typeStatus IS NOT NULL AND licenseSPDX = 'CC-BY-4.0'"),
    Question("institution:INST3 AND date:1950..1999",
             "institutionCode = 'INST3' AND eventDate >= '1950' AND eventDate < '2000'"),
    Question("collection:COLL2", "collectionCode = 'COLL2'"),
    Question('stateProvince:"State 3-2"', "stateProvince = 'State 3-2'"),
    Question('recordedBy:"Collector 17"', "recordedBy = 'Collector 17'"),
    Question("catalogNumber:M00012345", "catalogNumber = 'M00012345'"),
    Question("flag:FLAG_4", "qualityFlags = 'FLAG_4'"),
    Question("place:box(-100, 20, -50, 45)", "lon BETWEEN -100 AND -50 AND lat BETWEEN 20 AND 45"),
    Question("place:box(4, 49, 8, 52) AND date>=2000",
             "lon BETWEEN 4 AND 8 AND lat BETWEEN 49 AND 52 AND eventDate >= '2000'"),
    Question(f"locality~{_COMMON}", f"regexp_matches(locality, '\\b{_COMMON}\\b')"),
    Question(f"locality~{_RARE}", f"regexp_matches(locality, '\\b{_RARE}\\b')"),
    Question("habitat~forest AND country:(BA, CA)",
             "regexp_matches(habitat, '\\bforest\\b') AND countryCode IN ('BA', 'CA')"),
    Question(f"genus:{_GENUS} AND locality~{_COMMON}",
             f"genus = '{_GENUS}' AND regexp_matches(locality, '\\b{_COMMON}\\b')"),
)  # fmt: skip
