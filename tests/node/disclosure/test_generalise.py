"""A generalised row tells no more than the list of what may stay, whatever stands in the exact one."""

from __future__ import annotations

import json
from decimal import Decimal
from math import cos, hypot, radians
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashstore.digest import Digest
from manifests.commitment import opens
from manifests.row import canonical_row
from manifests.tables import MEDIA, SPECIMEN
from manifests.terms import DWC
from node.disclosure.generalise import (
    FLAG,
    Secret,
    generalised_medium,
    generalised_specimen,
    opening_of,
)
from node.disclosure.grid import cell_of
from node.disclosure.names import name_list
from node.disclosure.sensitive import SensitiveTaxa
from node.disclosure.treatment import Treatment

SECRET = Secret(bytes(32))
EXACT: dict[str, Any] = {
    "source": "https://museum.example/dwca.zip",
    "sourceRow": "line:zip:hash://sha256/" + "1c" * 32 + "!/occurrence.txt!/L2",
    "file": "occurrence.txt",
    "id": "urn:x:1",
    "catalogNumber": "M-1",
    "scientificName": "Ophrys apifera Huds.",
    "typeStatus": "Holotype; Hintertal bei der Quelle",
    "country": "Austria",
    "stateProvince": "Tirol",
    "county": "Reutte",
    "locality": "Hintertal",
    "decimalLatitude": "47.30712",
    "decimalLongitude": "10.69145",
    "geodeticDatum": "WGS84",
    "coordinateUncertaintyInMeters": "25",
    "eventDate": "1931-06-02",
    "year": "1931",
    "habitat": "wet meadow",
    "verbatim": json.dumps(
        {DWC + "footprintWKT": "POINT (10.69 47.30)", DWC + "taxonomicStatus": "accepted"}
    ),
}
GRID = st.sampled_from([Treatment.TENTH, Treatment.DEGREE])


def test_a_specimen_keeps_its_names_and_loses_its_place() -> None:
    public = generalised_specimen(EXACT, Treatment.TENTH, SECRET)
    assert public is not None
    assert (public["decimalLatitude"], public["decimalLongitude"]) == ("47.35", "10.65")
    assert public["coordinateUncertaintyInMeters"] == "8000"
    assert (public["country"], public["stateProvince"], public["year"]) == ("Austria", "Tirol", "1931")
    assert not {"county", "locality", "habitat", "eventDate", "sourceRow", "typeStatus"} & public.keys()
    assert json.loads(public["verbatim"]) == {DWC + "taxonomicStatus": "accepted"}
    assert json.loads(public["flags"]) == [FLAG]
    assert "locality" in public["informationWithheld"]
    canonical_row(SPECIMEN, public)


def test_to_the_country_means_no_coordinates() -> None:
    public = generalised_specimen(EXACT, Treatment.COUNTRY, SECRET)
    assert public is not None
    assert public["country"] == "Austria"
    assert not {"stateProvince", "decimalLatitude", "decimalLongitude", "geodeticDatum"} & public.keys()


def test_what_is_to_be_withheld_has_no_public_row() -> None:
    assert generalised_specimen(EXACT, Treatment.WITHHOLD, SECRET) is None


def test_a_row_that_cannot_be_named_without_its_place_has_no_public_row() -> None:
    named = {**EXACT, "id": "M-1 47.30712 10.69145"}
    assert generalised_specimen(named, Treatment.TENTH, SECRET) is None


def test_a_medium_says_nothing_of_the_place_of_its_specimen() -> None:
    medium = {
        "source": EXACT["source"], "file": "multimedia.txt", "id": "urn:x:1", "type": "StillImage",
        "accessURI": "https://inside.example/a.jpg", "title": "x", "hashValue": "00",
        "creator": "M. Hintertal", "license": "CC0",
    }  # fmt: skip
    derivative = Digest.of(b"derivative")
    public = generalised_medium(medium, EXACT, derivative, SECRET)
    assert public is not None
    assert public["accessURI"] == derivative.uri
    assert (public["type"], public["license"]) == ("StillImage", "CC0")
    assert not {"title", "hashValue", "creator"} & public.keys()
    canonical_row(MEDIA, public)


def test_a_chosen_reader_can_check_what_was_left_out() -> None:
    public = generalised_specimen(EXACT, Treatment.TENTH, SECRET)
    assert public is not None
    opening = opening_of(EXACT, public, "specimen", SECRET)
    assert opens(Digest(public["commitment"]), opening)
    assert isinstance(opening.value, dict)
    assert opening.value["decimalLatitude"] == "47.30712"
    other = opening_of({**EXACT, "locality": "elsewhere"}, public, "specimen", SECRET)
    assert not opens(Digest(public["commitment"]), other)


@given(st.sampled_from(sorted(set(SPECIMEN.names) - {"flags", "verbatim", "digest", "commitment"})), GRID)
def test_a_place_in_any_column_does_not_stay_when_a_withheld_column_holds_it(
    column: str, treatment: Treatment
) -> None:
    row = {**EXACT, "locality": "Canaryplace 7", column: "at Canaryplace 7"}
    public = generalised_specimen(row, treatment, SECRET)
    assert public is None or "canaryplace" not in json.dumps(public, default=str).lower()


@given(st.text(min_size=1, max_size=30), GRID)
def test_no_term_without_a_column_stays_that_is_not_on_the_list(name: str, treatment: Treatment) -> None:
    row = {**EXACT, "verbatim": json.dumps({f"https://example.org/{name}": "Canaryplace"})}
    public = generalised_specimen(row, treatment, SECRET)
    assert public is not None
    assert "verbatim" not in public


@given(
    st.decimals(-90, 90, places=5),
    st.decimals(-180, 180, places=5),
    st.sampled_from([Decimal("0.1"), Decimal(1)]),
)
def test_every_place_lies_within_the_radius_of_its_cell(
    latitude: Decimal, longitude: Decimal, size: Decimal
) -> None:
    cell = cell_of(str(latitude), str(longitude), size)
    assert cell is not None
    north = (float(latitude) - float(cell.latitude)) * 111_132
    east = (float(longitude) - float(cell.longitude)) * 111_320 * cos(radians(float(latitude)))
    assert hypot(north, east) <= cell.radius
    assert cell_of(cell.latitude, cell.longitude, size) == cell, "what is generalised stays as it is"


@pytest.mark.parametrize("text", ["", None, "52 12 N", "1e400", "91", "NaN", "５２", "4_7", "--1", "1" * 50])
def test_what_is_no_latitude_has_no_cell(text: str | None) -> None:
    assert cell_of(text, "10", Decimal(1)) is None


TAXA = SensitiveTaxa(
    name_list([("Ophrys apifera", 0), ("Falconidae", 1)], []), (Treatment.COUNTRY, Treatment.TENTH)
)


def _terms(**values: str) -> str:
    return json.dumps({DWC + name: value for name, value in values.items()})


@pytest.mark.parametrize(
    "row",
    [
        {"scientificName": "Ophrys apifera Huds."},
        {"scientificName": "O. apifera", "genus": "OPHRYS", "specificEpithet": "Apifera"},
        {"scientificName": "Bee orchid", "verbatim": _terms(acceptedNameUsage="Ophrys apifera")},
        {"scientificName": "x", "verbatim": _terms(previousIdentifications="a b | Ophrys apifera")},
        {"verbatim": json.dumps({"Accepted name": "Ophrys apifera"})},
        {"verbatim": json.dumps({DWC + "genericName": "Ophrys"}), "specificEpithet": "apifera"},
    ],
)  # fmt: skip
def test_a_taxon_is_found_in_whatever_column_names_it(row: dict[str, str]) -> None:
    assert TAXA.treatment_of(row) is Treatment.COUNTRY


def test_a_higher_taxon_is_found() -> None:
    assert TAXA.treatment_of({"family": "Falconidae", "scientificName": "Falco sp."}) is Treatment.TENTH
    assert TAXA.treatment_of({"family": "Fabaceae", "scientificName": "Vicia cracca L."}) is None


_NAMES = st.none() | st.sampled_from(
    ["Ophrys", "apifera", "Ophrys apifera Huds.", "Falconidae", "Falco", "x"]
)
_ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("scientificName", "genus", "specificEpithet", "family"), _NAMES),
        "verbatim": st.none()
        | st.sampled_from(["genericName", "acceptedNameUsage", "remarks", "hostOf"]).flatmap(
            lambda term: _NAMES.map(lambda name: json.dumps({DWC + term: name or "y"}))
        ),
    }
)


@given(st.lists(_ROWS, max_size=12))
def test_a_batch_is_judged_as_its_rows_are(rows: list[dict[str, str | None]]) -> None:
    batch = pa.RecordBatch.from_pylist(rows, schema=SPECIMEN.arrow)
    assert TAXA.among(batch) == [TAXA.treatment_of(row) for row in rows]
