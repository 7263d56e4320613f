"""Write the vectors of slices: `python spec/vectors/generate_slices.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hashstore.digest import Digest
from manifests.errors import FilterRefused
from manifests.filter import filter_text, matches, parse_filter
from manifests.holdings import encode_places
from manifests.members import MemberList

OAK = {
    "kingdom": "Plantae", "genus": "Quercus", "scientificName": "Quercus robur L.", "countryCode": "SE",
    "collectionCode": " Herb ", "eventDate": "1898-05-17/19", "typeStatus": "",
}  # fmt: skip
MEDIUM = {"license": "http://creativecommons.org/licenses/by/4.0/"}
ROWS: tuple[tuple[Any, Any], ...] = (
    (OAK, MEDIUM),
    ({"country": "Österreich", "eventDate": "1998-00-00", "year": "1998"}, None),
    ({"eventDate": "17.5.1998", "year": "1998", "scientificName": "Bellis"}, {"rights": "CC0"}),
    (None, None),
)


def _ask(operator: str, field: str, **members: Any) -> Any:
    return {operator: {"field": field, **members}}


FILTERS: tuple[Any, ...] = (
    {"and": []},
    {"or": []},
    _ask("eq", "taxon", value="quercus robur"),
    _ask("eq", "taxon", value="Quercus rob"),
    _ask("in", "taxon", values=["Fungi", "PLANTAE"]),
    _ask("prefix", "taxon", value="quercus r"),
    _ask("eq", "collection", value="HERB"),
    _ask("eq", "country", value="österreich"),
    _ask("eq", "country", value="Österreich"),
    _ask("exists", "typeStatus"),
    {"not": _ask("exists", "typeStatus")},
    _ask("eq", "date", value="1898"),
    _ask("eq", "date", value="1998"),
    _ask("range", "date", **{"from": "1898-05-17", "to": "1898-05-19"}),
    _ask("range", "date", **{"from": "1898-05-18"}),
    _ask("prefix", "licence", value="HTTP://creativecommons.org/"),
    {
        "and": [
            {"or": [_ask("exists", "date"), _ask("exists", "licence")]},
            {"not": _ask("eq", "country", value="SE")},
        ]
    },
)
REFUSED: tuple[str, ...] = (
    "", "[]", "{}", '{"xor":[]}', '{"and":{}}', '{"not":[]}', '{"and":[],"or":[]}',
    '{"eq":{"field":"analyzer","value":"x"}}', '{"eq":{"field":"taxon","value":""}}',
    '{"eq":{"field":"taxon","value":7}}', '{"eq":{"field":"taxon","value":"a\\u0000"}}',
    '{"eq":{"field":"date","value":"May 1998"}}', '{"prefix":{"field":"date","value":"19"}}',
    '{"range":{"field":"taxon","from":"a"}}', '{"range":{"field":"date"}}',
    '{"or":[{"and":[]},{"in":{"field":"taxon","values":["a",null]}}]}',
    '{"not":' * 16 + '{"and":[]}' + "}" * 16,
)  # fmt: skip


def vectors() -> Any:
    """Everything that the file holds."""
    judged = []
    for document in FILTERS:
        tree = parse_filter(json.dumps(document))
        fits = [matches(tree, specimen=specimen, media=media) for specimen, media in ROWS]
        judged.append({"filter": filter_text(tree), "fits": fits})
    about = (
        "Filters in canonical form, and whether they hold for each row; filters that are refused, with "
        "the place; member lists of the digests of '0', '1', ...; bitmaps of places in a list of so many."
    )
    return {
        "description": about,
        "rows": [{"specimen": specimen, "media": media} for specimen, media in ROWS],
        "filters": judged,
        "refused": [{"text": text, "where": _where(text)} for text in REFUSED],
        "members": [_members(count) for count in (0, 1, 2, 5)],
        "bitmaps": [
            {"members": 200_000, "places": places, "bitmap": encode_places(places).hex()}
            for places in ([], [0], [3, 5, 70_000, 199_999], list(range(100, 140)))
        ],
    }


def _where(text: str) -> str:
    try:
        parse_filter(text)
    except FilterRefused as error:
        return error.where
    raise AssertionError(text)


def _members(count: int) -> Any:
    members = MemberList.of(Digest.of(str(number).encode()) for number in range(count))
    return {"count": count, "list": members.data.hex(), "memberList": Digest.of(members.data).uri,
            "membersRoot": members.root.uri}  # fmt: skip


def main() -> None:
    """Write the file beside this program."""
    text = json.dumps(vectors(), indent=1) + "\n"
    Path(__file__).with_name("slices.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
