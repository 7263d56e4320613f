"""Citations: each format is read back by a program that we did not write, whatever the values hold."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import Entry, parse_string

from manifests.citing import (
    FORMATS,
    CitedKind,
    CitedThing,
    Creator,
    cite_bibtex,
    cite_csl,
    cite_datacite,
    cite_ris,
    cite_text,
)
from manifests.errors import IncompleteCitation

HASH = "hash://sha256/" + "0123abcd" * 8
FULL = CitedThing(
    title="Herbarium of Łódź & Żyrardów: 100% of _all_ sheets",
    identifier=HASH,
    accessed=date(2026, 11, 3),
    creators=(Creator("Müller-Óg", "Ana María"), Creator("Museum of Plants and Things, The")),
    year=2024,
    publisher="Museum of Plants",
    licence="https://creativecommons.org/licenses/by/4.0/",
    url="https://museum.example.org/ipt/archive.do?r=herb_1&v=1.2#x%20y",
    version="1.2",
    container="All collections",
)
BARE = CitedThing(title="A sheet", identifier=HASH, accessed=date(2026, 11, 3), kind=CitedKind.IMAGE)

TEXT = st.text(
    st.one_of(
        st.sampled_from("\\{}$&#_%~^<>\"'@,;-\r\n\t\x00\u2028 é語"), st.characters(exclude_categories=["Cs"])
    ),
    max_size=25,
)
NAMES = TEXT.filter(lambda text: bool(re.sub(r"[\s\x00-\x1f\x7f-\x9f]", "", text)))
MAYBE = st.none() | TEXT
THINGS = st.builds(
    CitedThing,
    title=NAMES,
    identifier=st.sampled_from([HASH, HASH + "#row=42"]),
    accessed=st.dates(date(1970, 1, 1)),
    creators=st.lists(st.builds(Creator, NAMES, MAYBE), max_size=3).map(tuple),
    year=st.none() | st.integers(1500, 2100),
    publisher=MAYBE,
    licence=MAYBE,
    url=MAYBE,
    version=MAYBE,
    container=MAYBE,
    kind=st.sampled_from(CitedKind),
)


def bibtex_entry(text: str) -> tuple[str, Entry]:
    ((key, entry),) = parse_string(text, "bibtex").entries.items()
    return key, entry


def test_a_citation_in_words() -> None:
    assert cite_text(FULL) == (
        "Müller-Óg, Ana María; Museum of Plants and Things, The (2024). Herbarium of Łódź & Żyrardów: 100% "
        "of _all_ sheets. In: All collections. Version 1.2. Museum of Plants. Licence: "
        f"https://creativecommons.org/licenses/by/4.0/. {HASH} (accessed 2026-11-03 at "
        "https://museum.example.org/ipt/archive.do?r=herb_1&v=1.2#x%20y)"
    )
    assert cite_text(BARE) == f"Anonymous (n.d.). A sheet. {HASH} (accessed 2026-11-03)"


def test_many_creators_are_cut_short_in_words_only() -> None:
    crowd = replace(FULL, creators=tuple(Creator(f"Name{n}", "N.") for n in range(30)))
    assert "Name9, N. et al. (2024)" in cite_text(crowd)
    assert "Name10" not in cite_text(crowd)
    assert len(json.loads(cite_csl(crowd))[0]["author"]) == 30


def test_a_bibtex_entry() -> None:
    assert cite_bibtex(FULL) == (
        "@misc{mullerog2024-0123abcd,\n"
        "  author = {{Müller-Óg}, {Ana María} and {Museum of Plants and Things, The}},\n"
        "  title = {{Herbarium of Łódź \\& Żyrardów: 100\\% of \\_all\\_ sheets}},\n"
        "  year = {2024},\n"
        "  booktitle = {All collections},\n"
        "  publisher = {Museum of Plants},\n"
        "  version = {1.2},\n"
        "  url = {https://museum.example.org/ipt/archive.do?r=herb_1&v=1.2#x%20y},\n"
        "  urldate = {2026-11-03},\n"
        f"  note = {{{HASH}. Licence: https://creativecommons.org/licenses/by/4.0/}},\n"
        "}\n"
    )


def test_bibtex_keeps_the_names_of_people_and_institutions_apart() -> None:
    people = bibtex_entry(cite_bibtex(FULL))[1].persons["author"]
    assert [person.last_names for person in people] == [
        ["{Müller-Óg}"],
        ["{Museum of Plants and Things, The}"],
    ]
    assert people[0].first_names == ["{Ana María}"]


def test_latex_specials_are_printed_as_themselves() -> None:
    special = replace(BARE, title="a\\b {c} $d$ & #e _f %g ~h ^i <j>\nk")
    title = bibtex_entry(cite_bibtex(special))[1].fields["title"]
    assert title == (
        r"{a\textbackslash{}b \textbraceleft{}c\textbraceright{} \$d\$ \& \#e \_f \%g \textasciitilde{}h "
        r"\textasciicircum{}i \textless{}j\textgreater{} k}"
    )


@settings(max_examples=100, deadline=None)
@given(thing=THINGS)
def test_bibtex_of_anything_is_one_entry_with_balanced_braces(thing: CitedThing) -> None:
    key, entry = bibtex_entry(cite_bibtex(thing))
    assert re.fullmatch(r"[a-z]+(?:\d{4}|nd)-0123abcd", key)
    assert len(entry.persons.get("author", [])) == len(thing.creators)
    assert entry.fields["note"].startswith(thing.identifier.replace("#", "\\#"))
    for value in entry.fields.values():
        depths = [value[:end].count("{") - value[:end].count("}") for end in range(len(value) + 1)]
        assert min(depths) == 0
        assert depths[-1] == 0


def test_a_ris_record() -> None:
    assert cite_ris(replace(BARE, title="Two\nlines", licence="CC0")).split("\r\n") == [
        "TY  - FIGURE",
        "TI  - Two lines",
        f"AN  - {HASH}",
        "N1  - Licence: CC0",
        "Y2  - 2026/11/03",
        "ER  - ",
        "",
    ]


@settings(max_examples=60, deadline=None)
@given(thing=THINGS)
def test_ris_of_anything_is_one_record_with_all_its_creators(thing: CitedThing) -> None:
    (record,) = rispy.loads(cite_ris(thing))
    assert record["accession_number"] == thing.identifier
    assert len(record.get("authors", [])) == len(thing.creators)


@pytest.fixture(scope="module")
def csl_schema(shared_data: Path) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((shared_data / "vectors/csl/schemas/input/csl-data.json").read_text())
    return schema


@settings(max_examples=60, deadline=None)
@given(thing=THINGS)
def test_csl_json_of_anything_fits_the_schema_of_csl(thing: CitedThing, csl_schema: dict[str, Any]) -> None:
    jsonschema.validate(json.loads(cite_csl(thing)), csl_schema)


def test_csl_json_says_all_there_is_to_say() -> None:
    (item,) = json.loads(cite_csl(FULL))
    assert item == {
        "id": HASH,
        "type": "dataset",
        "title": FULL.title,
        "container-title": "All collections",
        "publisher": "Museum of Plants",
        "version": "1.2",
        "URL": FULL.url,
        "note": f"{HASH}. Licence: {FULL.licence}",
        "accessed": {"date-parts": [[2026, 11, 3]]},
        "custom": {"identifier": HASH, "license": FULL.licence},
        "author": [
            {"family": "Müller-Óg", "given": "Ana María"},
            {"literal": "Museum of Plants and Things, The"},
        ],
        "issued": {"date-parts": [[2024]]},
    }


def test_datacite_says_all_there_is_to_say() -> None:
    found = json.loads(cite_datacite(FULL))
    assert found["creators"] == [
        {
            "name": "Müller-Óg, Ana María",
            "nameType": "Personal",
            "familyName": "Müller-Óg",
            "givenName": "Ana María",
        },
        {"name": "Museum of Plants and Things, The"},
    ]
    assert found["rightsList"] == [{"rightsUri": FULL.licence}]
    assert (found["publicationYear"], found["version"], found["url"]) == ("2024", "1.2", FULL.url)
    assert found["alternateIdentifiers"][0]["alternateIdentifier"] == HASH
    assert found["relatedItems"][0]["titles"] == [{"title": "All collections"}]


def test_datacite_names_what_is_unknown_but_required() -> None:
    found = json.loads(cite_datacite(replace(BARE, licence="All rights reserved")))
    assert (found["creators"], found["publisher"]) == ([{"name": ":unav"}], {"name": ":unav"})
    assert found["publicationYear"] == "2026"
    assert found["rightsList"] == [{"rights": "All rights reserved"}]
    assert found["types"] == {"resourceTypeGeneral": "Image", "resourceType": "image"}


@settings(max_examples=60, deadline=None)
@given(thing=THINGS)
def test_every_format_names_the_hash_and_the_day_of_access(thing: CitedThing) -> None:
    for name, cite in FORMATS.items():
        text = cite(thing)
        assert thing.identifier in text.replace("\\#", "#")
        if name in ("text", "bibtex"):
            assert thing.accessed.isoformat() in text
        if name == "text":
            assert text.splitlines() == [text]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " \n"}, "title"),
        ({"identifier": "0123"}, "identifier"),
        ({"identifier": HASH + "#row=0"}, "identifier"),
        ({"identifier": HASH + "\n"}, "identifier"),
    ],
)
def test_what_cannot_be_cited_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(IncompleteCitation, match=words):
        replace(FULL, **change)


def test_a_creator_without_a_name_is_refused_and_blank_given_names_are_none() -> None:
    with pytest.raises(IncompleteCitation, match="creator"):
        Creator(" \n", "Ana")
    assert Creator("Museum\nof Plants", " ") == Creator("Museum of Plants")
