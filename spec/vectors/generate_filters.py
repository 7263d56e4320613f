"""Write the vectors of filters: `python spec/vectors/generate_filters.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from manifests.errors import FilterRefused
from manifests.filter import filter_text, matches, read_filter, written

OAK = {
    "kingdom": "Plantae", "family": "Fagaceae", "genus": "Quercus", "scientificName": "Quercus robur L.",
    "interpretedName": "Quercus robur", "country": "Belgique", "interpretedCountryCode": "BE",
    "stateProvince": "Liège", "locality": "Old park, 300 m; côte d'Été", "eventDate": "17.5.1898",
    "interpretedEventDate": "1898-05-17", "interpretedYear": 1898, "decimalLatitude": "50,5",
    "interpretedLatitude": "50.5", "interpretedLongitude": "5.500000049", "interpretedTypeStatus":
    "holotype | isotype", "qualityFlags": "COORDINATE_ROUNDED COUNTRY_DERIVED_FROM_COORDINATES",
    "recordedBy": "M. A. Libert", "catalogNumber": "BR-0000123",
}  # fmt: skip
OLD = {
    "scientificName": "Bellis perennis", "countryCode": "NZ", "eventDate": "1998-05/1999", "typeStatus": "",
    "decimalLatitude": " -41.2 ", "decimalLongitude": "+174.9", "habitat": "MEADOW",
}  # fmt: skip
FREE = {
    "license": "http://creativecommons.org/licenses/by/4.0/",
    "licenseSPDX": "CC-BY-4.0",
    "creator": "É. M.",
}
VAGUE = {"license": "ask us", "qualityFlags": "LICENSE_UNKNOWN"}
SEGMENTS = {"analyzer": f"hash://sha256/{'5' * 64}", "name": "sheet-segments", "version": "1"}
READER = {"analyzer": f"hash://sha256/{'7' * 64}", "name": "label-text", "version": "1.2"}
SHEET = (
    {**SEGMENTS, "kind": "stamp", "confidence": "0.75", "reviews": ["accepted"]},
    {**SEGMENTS, "kind": "label", "confidence": "0.9"},
    {**READER, "kind": "line", "text": "Herb. F. Cre\u0301pin", "confidence": "0.8", "reviews": ["rejected"]},
    {**READER, "kind": "line", "text": "LIÈGE, Œuvre", "language": "fr"},
    {"kind": "sharpness", "value": "0.20", "name": "image-facts", "version": "1"},
    {"kind": "area", "value": "12.5", "unit": "mm2"},
)
TAGGED = (
    {"kind": "tag", "text": "Stamp", "term": "http://vocab.test/stamp", "agent": "urn:uuid:1", "reviews":
     ["amended", "accepted"]},
    {"kind": "sharpness", "value": "2e-1"},
    {"kind": "label", "text": "stamp crepin", "confidence": "1"},
)  # fmt: skip
ROWS: tuple[tuple[Any, Any, Any], ...] = (
    (OAK, FREE, SHEET), (OAK, VAGUE, ()), (OLD, FREE, TAGGED), (OLD, None, ()), (None, None, SHEET[:1]),
)  # fmt: skip

TEXTS: tuple[str, ...] = (
    "taxon:Fagaceae AND country:BE AND year<1900 AND NOT license:unknown",
    "taxon:below AND genus:below (a)",
    "license:unknown",
    "license:*",
    "license:cc-by-4.0",
    'license:"ask us"',
    "license:(unknown, CC-BY-4.0)",
    "licence:http://creativecommons.org/licenses/*",
    "family:fagaceae",
    'taxon:"quercus robur"',
    "taxon:Bellis",
    "country:be",
    "country:(NZ, Belgique)",
    "typeStatus:isotype",
    "typeStatus:iso*",
    "typeStatus:*",
    "flag:country_derived_from_coordinates",
    "flag:LICENSE*",
    "flag:(A, LICENSE_UNKNOWN)",
    "NOT flag:*",
    "park",
    "old park",
    '"park 300"',
    'locality~"côte d été"',
    'locality~"CÔTE"',
    "perennis OR libert",
    "habitat~meadow",
    "text~Été",
    "catalogNumber:BR-0000123",
    "0000123",
    "catalogNumber:BR*",
    "date:1898",
    "date:1898-05..1898-06",
    "date>1898-05-16",
    "date>=1898-05-18",
    "date:1998..1999",
    "date:1998",
    "place:*",
    "place:box(5, 50, 6, 51)",
    "place:box(5.5, 50.5, 5.5, 50.5)",
    "place:box(170, -50, -170, -40)",
    "place:polygon(5 50, 6 50, 6 51)",
    "place:polygon(5 50, 6 51, 5 51)",
    "place:polygon(170 -50, 180 -50, 175 -30)",
    'creator:"É. M."',
    'creator:"é. m."',
    'recordedBy:"m. a. libert"',
    "collector~libert",
    "(country:BE OR country:NZ) date<1900",
    "country:BE OR country:NZ date<1900",
    "NOT (park OR NOT country:BE)",
    "ALL",
    "NONE",
    "NOT ALL",
    "taxon:()",
    '{"and":[{"match":{"field":"text","value":"old"}}]}',
    "has:stamp",
    "has:http://vocab.test/*",
    "NOT has:(stamp, label)",
    "has:*",
    'ocr:"crepin"',
    "ocr:CRÉPIN AND ocr:liege",
    'ocr:"Crépin Liège"',
    "ocr~oeuvre",
    "says~stamp",
    "sharpness<0.2",
    "sharpness<=0.2",
    "sharpness:0.2",
    "finding.area:12..13",
    "finding.area:12.5<..13",
    "finding.area>12 unit:mm2",
    "width:*",
    "by:sheet-segments@1",
    "by:label-text",
    f"by:hash://sha256/{'5' * 64}",
    "finding:human",
    "has:stamp finding:machine",
    "confidence>=0.9",
    "has:stamp AND confidence>=0.8",
    "(has:stamp OR has:label) AND confidence>=0.8 AND by:sheet-segments",
    "has:stamp AND finding(confidence>=0.8)",
    "finding(has:stamp AND has:label)",
    "finding(crepin NOT ocr:crepin)",
    "NOT (has:label AND by:sheet-segments)",
    "has:stamp AND NOT by:sheet-segments",
    "finding(has:stamp AND NOT by:sheet-segments)",
    "has:stamp accepted:yes",
    "review:rejected",
    "finding(review:none AND has:stamp)",
    "NOT accepted:no",
    "language:fr",
    '{"finding":{"and":[]}}',
    '{"finding":{"between":{"field":"value","over":"0","to":"12.5"}}}',
)
REFUSED: tuple[str, ...] = (
    "",
    "taxon:",
    "taxon:Fagaceae AND contry:BE",
    "taxon:a AND",
    "OR a",
    "(a",
    "a)",
    "taxon:(a b)",
    "taxon:(a*)",
    'taxon:"a',
    "taxon<a",
    "date:may",
    "date:1900..may",
    "date<0000",
    "taxon:below(Quercus)",
    "taxon:below(Quercus, sha256)",
    f"genus:below(Quercus, hash://sha256/{'a' * 64})",
    '{"below":{"field":"taxon","value":"Quercus","checklist":"' + "a" * 64 + '"}}',
    "place:here",
    "place:box(1, 2, 3)",
    "place:box(1, 2, 3, 95)",
    "place:box(1, 2, 3, 1)",
    "place:box(1, 0.12345678, 3, 1)",
    "place:polygon(1 2, 3 4)",
    "text:*",
    "!!",
    "taxon:a\n AND frobnicate:b",
    "taxon:a\x00b",
    "NOT " * 16 + "a",
    "(" * 17 + "a" + ")" * 17,
    " ".join(["a"] * 256),
    'text~"' + "a " * 33 + '"',
    '{"match":{"field":"text","value":"-"}}',
    '{"eq":{"field":"place","value":"1"}}',
    '{"box":{"field":"place","west":"0","south":"2","east":"1","north":"1"}}',
    '{"box":{"field":"place","west":"181","south":"0","east":"1","north":"1"}}',
    '{"polygon":{"field":"place","corners":[["0","0"],["1","1"]]}}',
    '{"polygon":{"field":"place","corners":[["0","0"],["1","1"],["0"]]}}',
    "sharpness<blurred",
    "confidence>=1e-1",
    "value:1...2",
    "finding:robot",
    "accepted:perhaps",
    "has<2",
    "finding(country:BE)",
    "finding(has:stamp",
    "finding(finding(has:stamp))",
    'ocr:"\u0301"',
    '{"eq":{"field":"has","value":"stamp"}}',
    '{"finding":{"eq":{"field":"country","value":"BE"}}}',
    '{"finding":{"finding":{"exists":{"field":"has"}}}}',
    '{"finding":{"between":{"field":"value","from":"1","over":"1"}}}',
    '{"finding":{"between":{"field":"value"}}}',
    "(" + " OR ".join(["has:a"] * 60) + ") " + " ".join(["by:b"] * 10),
)


def vectors() -> Any:
    """Everything that the file holds."""
    judged = []
    for text in TEXTS:
        tree = read_filter(text)
        fits = [matches(tree, **row) for row in _rows()]
        judged.append({"text": text, "filter": filter_text(tree), "written": written(tree), "fits": fits})
    return {
        "description": "Filters as people write them, their canonical JSON, their written form, and whether "
        "they hold for each row; texts that are refused, with the place.",
        "rows": _rows(),
        "filters": judged,
        "refused": [{"text": text, "where": _where(text)} for text in REFUSED],
    }


def _rows() -> list[dict[str, Any]]:
    return [
        {"specimen": specimen, "media": media, "findings": list(findings)}
        for specimen, media, findings in ROWS
    ]


def _where(text: str) -> str:
    try:
        read_filter(text)
    except FilterRefused as error:
        return error.where
    raise AssertionError(text)


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("filters.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
