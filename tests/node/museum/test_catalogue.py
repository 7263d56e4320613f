from __future__ import annotations

from collections import Counter

import pytest

from node.museum.catalogue import Picture, changes, specimens
from node.museum.errors import UnknownVersion
from node.museum.sheets.insects import INSECTS
from node.museum.sheets.plants import HABITS


@pytest.mark.parametrize("version", [1, 2])
def test_each_version_holds_24_drawn_specimens_one_copy_one_missing_one_page_and_three_without_image(
    version: int,
) -> None:
    assert Counter(specimen.picture for specimen in specimens(version)) == {
        Picture.DRAWN: 24,
        Picture.COPY: 1,
        Picture.MISSING: 1,
        Picture.PAGE: 1,
        Picture.NONE: 3,
    }


def test_the_first_version_shows_16_herbarium_sheets_6_insects_and_2_fossils() -> None:
    drawn = [specimen for specimen in specimens(1) if specimen.picture is Picture.DRAWN]
    assert Counter(specimen.collection for specimen in drawn) == {"HERB": 16, "ENT": 6, "PAL": 2}


def test_between_the_versions_one_row_comes_one_goes_one_changes_and_one_sheet_is_photographed_again() -> (
    None
):
    assert changes().added == ("MDS00010417",)
    assert changes().removed == ("MDS00010415",)
    assert changes().changed == ("MDS00010413",)
    assert changes().rephotographed == ("MDS00010405",)


def test_a_redetermined_specimen_keeps_the_label_that_was_photographed() -> None:
    (specimen,) = [one for one in specimens(2) if one.catalog_number == "MDS00010413"]
    assert specimen.facts["scientificName"] == "Ranunculus subborealis"
    assert specimen.pictured["scientificName"] == "Ranunculus acris"


def test_exactly_one_locality_is_withheld_and_it_is_nowhere_in_the_catalogue() -> None:
    withheld = [specimen for specimen in specimens(1) if specimen.facts["withheld"]]
    assert [specimen.catalog_number for specimen in withheld] == ["MDS00010410"]
    assert all(withheld[0].facts[name] == "" for name in ("locality", "latitude", "longitude"))


def test_every_habit_that_can_be_drawn_is_in_the_catalogue() -> None:
    drawn = {specimen.habit for version in (1, 2) for specimen in specimens(version)}
    assert set(HABITS) | set(INSECTS) <= drawn


def test_an_unknown_version_is_refused_by_name() -> None:
    with pytest.raises(UnknownVersion, match="versions 1 and 2, not 3"):
        specimens(3)
