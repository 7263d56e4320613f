"""Names, kinds of type, basis of record, identifiers and collectors."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.quality.gathering import Gathering, family_name
from manifests.quality.issues import Issue, flags_text
from manifests.quality.names import Names, read_name
from manifests.quality.scope import Basis
from manifests.quality.specimen_uri import SpecimenUri
from manifests.quality.type_status import read_type_status

Texts = list[str | None]


@pytest.mark.parametrize(
    ("name", "author", "rank", "meant", "issues"),
    [
        ("Quercus robur L.", None, None, ("Quercus robur", "species"), ()),
        ("Quercus robur", "L.", "species", ("Quercus robur", "species"), ()),
        ("Poa annua subsp. varia (Host) Kit.", None, None, ("Poa annua subsp. varia", "subspecies"), ()),
        ("Quercus x rosacea Bechst.", None, "Subform", ("Quercus × rosacea", "species"), ()),
        ("Carex cf. flava L.", None, None, ("Carex flava", "species"), (Issue.NAME_INFORMAL,)),
        ("Carex sp.", None, None, ("Carex", "genus"), (Issue.NAME_INFORMAL,)),
        ("Ilex vomitoria cv. Pendula", None, None, ("Ilex vomitoria 'Pendula'", "cultivar"), ()),
        ("lobelia", "L.", "Genus", ("Lobelia", "genus"), ()),
        ("Quercus robur × petraea", None, None, (None, None), (Issue.NAME_UNPARSABLE,)),
        ("?", None, None, (None, None), (Issue.NAME_UNPARSABLE,)),
        ("A" * 500, None, None, (None, None), (Issue.NAME_UNPARSABLE,)),
        ("unidentified", None, None, (None, None), (Issue.NAME_MISSING,)),
        (None, None, None, (None, None), (Issue.NAME_MISSING,)),
    ],
)
def test_names_are_taken_apart(
    name: str | None,
    author: str | None,
    rank: str | None,
    meant: tuple[str | None, str | None],
    issues: tuple[Issue, ...],
) -> None:
    reading = read_name(name, author, rank, None, None, None)
    assert (reading.values, reading.issues) == (meant, issues)


def test_a_record_without_a_name_has_that_of_its_parts() -> None:
    assert read_name(None, "L.", None, "Quercus", "robur", None).values == ("Quercus robur", "species")


words = st.sampled_from(["Quercus", "robur", "quercus", "L.", "sp.", "cf.", "x", "alba", "Rosa", "unknown"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.none() | words] * 3, st.sampled_from([None, "species", "genus"])), min_size=1))
def test_a_name_that_its_parts_spell_is_read_as_the_parser_reads_it(
    rows: list[tuple[str | None, ...]],
) -> None:
    said = [
        (" ".join(part for part in row[:3] if part) or None, row[2], row[3], *row[:2], None) for row in rows
    ]
    names = ("scientificName", "scientificNameAuthorship", "taxonRank", "genus", "specificEpithet")
    names += ("infraspecificEpithet",)  # type: ignore[assignment]
    columns = dict(
        zip(names, (pa.array(column, pa.string()) for column in zip(*said, strict=True)), strict=True)
    )
    filled = Names().fill(columns)
    readings = [read_name(*row) for row in said]
    for place, name in enumerate(("interpretedName", "interpretedRank")):
        assert filled.columns[name].to_pylist() == [reading.values[place] for reading in readings]
    assert filled.bits is not None
    found = [flags_text(bits) for bits in filled.bits.tolist()]
    assert found == [" ".join(sorted(reading.issues)) or None for reading in readings]


@given(st.text(max_size=60), st.none() | st.text(max_size=20), st.none() | st.text(max_size=10))
@settings(max_examples=60, deadline=None)
def test_no_text_brings_the_parser_down(name: str, author: str | None, rank: str | None) -> None:
    read_name(name, author, rank, None, None, None)


@pytest.mark.parametrize(
    ("status", "kinds", "issues"),
    [
        ("HOLOTYPE", "holotype", ()),
        ("Isotypus of Typus fagus", "isotype", ()),
        ("paratype | holotype", "holotype | paratype", ()),
        ("Type", "type", ()),
        ("type; isotype", "isotype", ()),
        ("possible syntype", "syntype", (Issue.TYPE_STATUS_DOUBTFUL,)),
        ("not a type", None, ()),
        ("Not type", None, ()),
        ("Other material", None, ()),
        ("nice specimen", None, (Issue.TYPE_STATUS_INVALID,)),
        (None, None, ()),
    ],
)
def test_kinds_of_type_are_those_of_the_vocabulary(
    status: str | None, kinds: str | None, issues: tuple[Issue, ...]
) -> None:
    reading = read_type_status(status)
    assert (reading.values, reading.issues) == ((kinds,), issues)


def test_an_observation_is_in_scope_only_if_it_names_a_specimen() -> None:
    term = "http://rs.tdwg.org/dwc/terms/associatedOccurrences"
    basis: Texts = ["Preserved Specimen", "http://rs.tdwg.org/dwc/terms/FossilSpecimen", "HumanObservation"]
    basis += ["HumanObservation", "Taxon", "whatever", None]
    verbatim: Texts = [None, None, None, f'{{"{term}":"voucher B 10 1"}}', None, None, None]
    filled = Basis().fill(
        {"basisOfRecord": pa.array(basis, pa.string()), "verbatim": pa.array(verbatim, pa.string())}
    )
    assert filled.columns["interpretedBasisOfRecord"].to_pylist() == [
        "PreservedSpecimen", "FossilSpecimen", "HumanObservation", "HumanObservation", "Taxon", None, None,
    ]  # fmt: skip
    assert filled.bits is not None
    out = Issue.BASIS_OF_RECORD_OUT_OF_SCOPE
    assert [flags_text(bits) for bits in filled.bits.tolist()] == [
        None, None, out, None, out, Issue.BASIS_OF_RECORD_INVALID, None,
    ]  # fmt: skip


def test_a_stable_uri_is_one_that_names_the_specimen() -> None:
    occurrence: Texts = [" https://id.museum.example/B10 ", "urn:uuid:1", "doi:10.5072/abc", None]
    occurrence += ["https://museum.example/"]
    ids: Texts = ["1", "2", "3", "http://data.museum.example/herb/E1", "5"]
    filled = SpecimenUri().fill({"occurrenceID": pa.array(occurrence), "id": pa.array(ids)})
    assert filled.columns["specimenURI"].to_pylist() == [
        "https://id.museum.example/B10", None, "https://doi.org/10.5072/abc",
        "http://data.museum.example/herb/E1", None,
    ]  # fmt: skip
    assert filled.bits is not None
    assert [bool(bits) for bits in filled.bits.tolist()] == [False, True, False, False, True]


@pytest.mark.parametrize(
    "recorded",
    [
        "Smith, J. & Doe, A.",
        "J. Smith with A. Doe",
        "Smith, John",
        "John Smith, Jane Doe",
        "Dr. J. Smith Jr.",
    ],
)
def test_a_collector_is_the_same_however_the_name_is_written(recorded: str) -> None:
    assert family_name(recorded) == "smith"


def test_a_gathering_needs_collector_number_and_date() -> None:
    columns = {
        "recordedBy": pa.array(["Müller, K.", "K. Müller", "Unknown", "K. Müller", "K. Müller"]),
        "recordNumber": pa.array(["KM 77", "km-77", "77", "s.n.", "77"]),
        "interpretedEventDate": pa.array(["1958-09-21", "1958-09-21?", "1958", "1958", "1957/1958"]),
    }
    keys = Gathering().fill(columns).columns["gatheringKey"].to_pylist()
    assert keys == ["muller|km77|1958-09-21", "muller|km77|1958-09-21", None, None, None]


def test_the_shapes_are_pinned_where_the_build_looks_for_them(project_root: Path) -> None:
    import hashlib
    import json

    folder = project_root / "manifests" / "quality" / "land"
    for pin in json.loads((folder / "pins.json").read_text("utf-8")).values():
        assert hashlib.sha256((folder / pin["file"]).read_bytes()).hexdigest() == pin["sha256"]
