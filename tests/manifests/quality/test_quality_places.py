"""Countries and coordinates: what is read, what is doubted, and which slips are seen through."""

import pyarrow as pa
import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.quality.coordinates import Coordinates
from manifests.quality.country import country_of, read_country, related
from manifests.quality.issues import Issue, flags_text
from manifests.quality.land import land
from manifests.quality.slips import Slips

Said = tuple[str | None, str | None, str | None]


@pytest.mark.parametrize("country", list(pycountry.countries), ids=lambda country: country.alpha_2)
def test_every_country_is_known_by_its_names_and_codes(country: pycountry.db.Country) -> None:
    for text in (country.name, country.alpha_2, country.alpha_3, country.name.upper()):
        assert country_of(text) == country.alpha_2


@pytest.mark.parametrize(
    ("country", "code", "found", "issues"),
    [
        ("U.S.A.", None, "US", ()),
        ("Deutschland", "DE", "DE", ()),
        ("México", None, "MX", ()),
        ("Cote d'Ivoire", None, "CI", ()),
        ("The Bahamas", None, "BS", ()),
        ("KOREA, NORTH", None, "KP", ()),
        ("Oesterreich", None, "AT", ()),
        ("Bolivia (Plurinational State of)", None, "BO", ()),
        ("United States", "PR", "PR", ()),
        ("Germany", "FR", None, (Issue.COUNTRY_MISMATCH,)),
        ("Atlantis", None, None, (Issue.COUNTRY_INVALID,)),
        ("Atlantis", "GR", "GR", (Issue.COUNTRY_INVALID,)),
        ("USSR", None, None, (Issue.COUNTRY_FORMER,)),
        ("unknown", "", None, ()),
        (None, None, None, ()),
    ],
)
def test_countries_are_read_as_people_write_them(
    country: str | None, code: str | None, found: str | None, issues: tuple[Issue, ...]
) -> None:
    reading = read_country(country, code)
    assert (reading.values, reading.issues) == ((found,), issues)


@pytest.mark.parametrize(
    ("said", "meant", "issues"),
    [
        (("47.3", "10.4", "AT"), ("47.3", "10.4", "AT"), ()),
        (("+47.30", " 10.40", "AT"), ("47.30", "10.40", "AT"), ()),
        (("10.4", "47.3", "AT"), ("47.3", "10.4", "AT"), (Issue.PRESUMED_SWAPPED_COORDINATE,)),
        (("116", "-31", "AU"), ("-31", "116", "AU"), (Issue.PRESUMED_SWAPPED_COORDINATE,)),
        (("34.4", "82.2", "US"), ("34.4", "-82.2", "US"), (Issue.PRESUMED_NEGATED_LONGITUDE,)),
        (("33.2", "19.3", "ZA"), ("-33.2", "19.3", "ZA"), (Issue.PRESUMED_NEGATED_LATITUDE,)),
        (("0", "0.000", "GH"), (None, None, "GH"), (Issue.ZERO_COORDINATE,)),
        (("47.3", None, "AT"), (None, None, "AT"), (Issue.COORDINATE_INCOMPLETE,)),
        (("47°18'", "10.4", "AT"), (None, None, "AT"), (Issue.COORDINATE_INVALID,)),
        (("nan", "1e1", None), (None, None, None), (Issue.COORDINATE_INVALID,)),
        (("91", "10", None), (None, None, None), (Issue.COORDINATE_OUT_OF_RANGE,)),
        (("10", "-180.1", None), (None, None, None), (Issue.COORDINATE_OUT_OF_RANGE,)),
        (("20", "-40", None), ("20", "-40", None), (Issue.COORDINATE_AT_SEA,)),
        (("47.3", "10.4", None), ("47.3", "10.4", "AT"), (Issue.COUNTRY_DERIVED_FROM_COORDINATES,)),
        (("48.8", "2.3", "DE"), ("48.8", "2.3", "DE"), (Issue.COUNTRY_COORDINATE_MISMATCH,)),
        (("5", "-53", "GF"), ("5", "-53", "GF"), ()),
        (("", " ", "AT"), (None, None, "AT"), ()),
    ],
)
def test_a_place_is_held_against_range_sea_and_country(
    said: Said, meant: Said, issues: tuple[Issue, ...]
) -> None:
    [reading] = Slips(land)([said])
    assert (reading.values, reading.issues) == (meant, issues)


degrees = st.floats(-200, 200).map(lambda value: f"{value:.3f}") | st.sampled_from(
    ["0", "", "x", "47.3", "10.4"]
)
places = st.tuples(st.none() | degrees, st.none() | degrees, st.sampled_from([None, "AT", "US", "AU", "FR"]))


@settings(max_examples=30, deadline=None)
@given(st.lists(places, min_size=1, max_size=30))
def test_whole_columns_are_read_as_single_rows_are(said: list[Said]) -> None:
    names = ("decimalLatitude", "decimalLongitude", "interpretedCountryCode")
    columns = dict(
        zip(names, (pa.array(column, pa.string()) for column in zip(*said, strict=True)), strict=True)
    )
    filled = Coordinates(land).fill(columns)
    readings = Slips(land)(said)
    for place, name in enumerate(("interpretedLatitude", "interpretedLongitude", "interpretedCountryCode")):
        column = filled.columns.get(name, columns["interpretedCountryCode"])
        assert column.to_pylist() == [reading.values[place] for reading in readings]
    bits = [0] * len(said) if filled.bits is None else filled.bits.tolist()
    expected = [" ".join(sorted(reading.issues)) or None for reading in readings]
    assert [flags_text(found) for found in bits] == expected


def test_a_territory_is_in_its_country_and_two_countries_are_not_in_each_other() -> None:
    assert related("FR", "FR")
    assert related("FR", "GF")
    assert related("GF", "FR")
    assert not related("FR", "DE")


def test_land_of_no_country_contradicts_none() -> None:
    [reading] = Slips(land)([("35.5", "77.0", "IN")])  # the Siachen glacier
    assert reading.issues == ()
